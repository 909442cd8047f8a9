"""What is kept for how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import attrs

from zimgpt.domain.conversations import AnswerId


@attrs.frozen
class Folded:
    """What one round did with answers that ended long ago."""

    count: int
    """Their pieces are one text now."""
    differing: Sequence[AnswerId] = ()
    """Their text is not what their pieces say, which are kept therefore."""


class Retention(Protocol):
    """What the database forgets; all times are by its own clock."""

    async def turn(self, every: timedelta) -> bool:
        """Whether it is this node that forgets now."""
        ...

    async def fold_answers(self, after: timedelta, limit: int) -> Folded:
        """Drops the pieces of answers that ended so long ago; the text stays."""
        ...

    async def blank_arrivals(self, after: timedelta, limit: int) -> int:
        """Drops the bodies of what arrived so long ago; the keys stay."""
        ...

    async def refund_unread(self, after: timedelta, limit: int) -> int:
        """Gives back what was paid so long ago for reading a file, and never read."""
        ...

    async def forget_tries(self, after: timedelta, limit: int) -> int:
        """Drops codes of vouchers that were not good, so long ago."""
        ...

    async def forget_files(self, after: timedelta, limit: int) -> int:
        """Drops what files said so long ago, and one-time phrases that are over."""
        ...
