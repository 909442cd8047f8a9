"""Words to everybody, and jobs, as operators see them and what they do with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

import attrs

from zimgpt.flows.ports.back_office import By, Row


@attrs.frozen
class Broadcast:
    """What is said, by language (``en`` at least), where, and for how long."""

    id: str
    texts: Mapping[str, str]
    whatsapp: bool
    web: bool
    lasts: timedelta


class Broadcasts(Protocol):
    """Nobody gets the same one twice."""

    async def list(self) -> Sequence[Row]:
        """The latest first, with how many were ``sent`` and still ``waiting``."""
        ...

    async def waiting(self, id: str) -> int:
        """To how many people on WhatsApp it would go now."""
        ...

    async def begin(self, broadcast: Broadcast, by: By) -> bool:
        """False if it was begun before; raises OtherBroadcast for other words."""
        ...

    async def send_some(self, id: str, limit: int) -> int:
        """Gives the next people theirs, in one commit; 0 when all have it. Raises
        NoBroadcast."""
        ...


class JobDesk(Protocol):
    """Nothing here reads what anybody asked."""

    async def list(self, state: str | None, kind: str | None, limit: int) -> Row:
        """The newest ``jobs``, and ``counts`` of those that wait, run or are dead."""
        ...

    async def shown(self, job: str) -> Row:
        """Everything about one; raises NoSuchJob."""
        ...

    async def retry(self, job: str, by: By) -> None:
        """Five more attempts; raises NoSuchJob, NotRetried."""
        ...

    async def drop(self, job: str, by: By) -> None:
        """Ends it for good; raises NoSuchJob, NotDropped."""
        ...
