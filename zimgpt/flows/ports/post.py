"""Messages on their way out to people on a messenger, kept until they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.essays.briefs import Brief
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Message
from zimgpt.flows.ports.contacts import ContactId, Outgoing
from zimgpt.flows.ports.topups import Kept
from zimgpt.wire.whatsapp.troubles import Fate


@attrs.frozen(kw_only=True)
class Letter:
    """A row to be sent. ``message`` None: its answer, or its payment's news, are still
    to be put into words."""

    id: str
    message: Message | None
    answer: AnswerId | None
    reply_to: str | None
    state: str
    attempts: int
    wait: timedelta
    """Until it may be tried; zero or less: now."""
    payment: str | None = None


@attrs.frozen(kw_only=True)
class Finished:
    """An ended answer, ready to be put into messages."""

    answer: AnswerId
    user: UserId
    kind: str
    question: str
    text: str
    model: str | None
    """Who wrote it."""
    state: str
    finish: str | None
    cost: Tokens
    read: Tokens
    """What it cost to read the file that the question came in."""
    available: Tokens
    asked_at: datetime
    """When the person sent the question."""
    late: timedelta
    """How long ago that is."""
    brief: Brief | None = None
    """Of an essay that was ordered by one."""


class Post(Protocol):
    """Messages on their way out."""

    async def letters(self, contact: ContactId) -> tuple[Letter, ...]:
        """What waits for them, in order; no answers that are still being written."""
        ...

    async def finished(self, letter: str) -> Finished:
        """What the ended answer of a letter has to tell."""
        ...

    async def news(self, letter: str) -> Kept | None:
        """The payment that a letter is to tell of, as it stands; None if a later letter
        does."""
        ...

    async def parts(self, letter: str, says: Sequence[Outgoing]) -> bool:
        """Replaces a row without words by its messages; False if that was done."""
        ...

    async def begin(self, letter: str) -> bool:
        """Notes that it is being sent now; False if it must not be."""
        ...

    async def sent(self, letter: str, wamid: str) -> None:
        """The messenger has taken it."""
        ...

    async def trouble(
        self, letter: str, fate: Fate, wait: timedelta, code: int | None, why: str
    ) -> Tokens:
        """It was refused: tried again after ``wait``, held until they write, or ended,
        as its fate is; what an answer cost that can never be delivered is given back
        in the same commit."""
        ...

    async def pause_contact(self, contact: ContactId, wait: timedelta | None) -> None:
        """Slows down with one person; None: no longer."""
        ...

    async def pause_number(self, wait: timedelta | None, reason: str) -> None:
        """Stops all sending, for ``wait`` or until a person starts it again."""
        ...

    async def paused(self) -> timedelta | None:
        """How long all sending is stopped; zero: it is not; None: until a person
        starts it again."""
        ...
