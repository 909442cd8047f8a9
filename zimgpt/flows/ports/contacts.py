"""People on a messenger: what comes in from them, and where each of them stands.

Everything that waits for one person is done by that person's lane, a job that at most
one node has at a time: one lane for what they said, one for what they are sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType, Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Message
from zimgpt.flows.ports.jobs import Ticket
from zimgpt.wire.whatsapp.people import Person

ContactId = NewType("ContactId", int)
"""A person as the messenger knows them."""

Json = dict[str, Any]


class Intake(Protocol):
    """Webhooks on their way in."""

    async def receive(self, items: Sequence[Json], origin: str) -> Received:
        """Keeps every item once by its key, applies news of what was sent, and wakes
        the lanes concerned, in one commit. Items are as ``receive_whatsapp`` says."""
        ...


@attrs.frozen
class Received:
    """A committed webhook: how many of its items were new, and the jobs to publish."""

    fresh: int
    tickets: tuple[Ticket, ...]


class LaneKind(StrEnum):
    """What a lane does for its person."""

    INBOUND = "wa_inbound"
    SEND = "wa_send"


@attrs.frozen
class Lane:
    """A person's lane, taken under a lease."""

    job: str
    kind: LaneKind
    contact: ContactId
    attempt: int
    put_aside: str | None = None
    """What stood first and was given up, so that the rest can go on."""


class Lanes(Protocol):
    """Lanes under a lease; leases are renewed as those of other jobs are."""

    async def claim(self, job: str, worker: str) -> Lane | None:
        """None when there is nothing to do, or when the job is no lane."""
        ...

    async def finish(self, job: str, worker: str, wait: timedelta | None) -> bool:
        """True: it was woken meanwhile, look again. False: it rests, for ``wait`` or
        until it is woken."""
        ...

    async def retry(
        self, job: str, worker: str, error: str, delay: timedelta, *, counts: bool
    ) -> None:
        """Gives it back after an attempt that broke, or was cut short by something
        of ours that is away: then it does not count."""
        ...


@attrs.frozen(kw_only=True)
class Contact:
    """A person on the messenger as they stand now."""

    id: ContactId
    person: Person
    user: UserId | None
    language: str
    dialogue: Mapping[str, Any]
    greeted: bool
    opted_out: bool
    excused: bool
    """Within the last hour they were told that such things cannot be read."""
    web_untold: bool
    """Their number had an account on the web, and they do not know yet that they share
    it with whoever signs in there."""
    heard_at: datetime | None
    heard_wamid: str | None
    open_for: timedelta
    """How long we may still write to them; not above zero: until they write again."""
    waiting_answer: AnswerId | None
    """Their answer that is still being written, if there is one."""


@attrs.frozen
class Arrival:
    """A stored message of theirs that nobody has dealt with yet."""

    id: int
    key: str
    raw: bytes = attrs.field(repr=False)
    sent_at: datetime | None
    late: timedelta
    """How long ago it was sent, by the database's clock."""
    waited: timedelta
    """How long ago it came here."""


@attrs.frozen
class Account:
    """Whose wallet a contact uses."""

    user: UserId
    made: bool
    """Just now, for them."""
    known: bool
    """Just now linked to the account that this number has on the web."""


@attrs.frozen
class Outgoing:
    """A message to be sent: words, or an answer, put into words when it has ended."""

    id: str
    message: Message | None = None
    answer: AnswerId | None = None


@attrs.frozen(kw_only=True)
class Step:
    """One step of a dialogue, to be committed whole. None leaves a thing as it is."""

    contact: ContactId
    arrivals: tuple[int, ...]
    outcome: str = "done"
    """done, or ignored."""
    ref: str | None = None
    dialogue: Mapping[str, Any] | None = None
    language: str | None = None
    greeted: bool = False
    opted_out: bool | None = None
    excused: bool = False
    web_told: bool = False
    says: tuple[Outgoing, ...] = ()
    reply_to: str | None = None


class Contacts(Protocol):
    """People and their dialogues."""

    async def contact(self, contact: ContactId) -> Contact:
        """Where they stand."""
        ...

    async def arrivals(self, contact: ContactId) -> tuple[Arrival, ...]:
        """What they sent that nobody has dealt with, in their order."""
        ...

    async def account(self, contact: ContactId, welcome: Tokens) -> Account:
        """Their account, made if they have none."""
        ...

    async def take(self, step: Step, origin: str) -> tuple[Ticket, ...] | None:
        """Commits a step and wakes the sending lane; None if it was taken before."""
        ...

    async def wake(
        self, kind: LaneKind, contact: ContactId, origin: str
    ) -> Ticket | None:
        """Wakes a lane; its job, unless it is at work and will see for itself."""
        ...

    async def void_password(self, user: UserId) -> None:
        """Nobody signs in by it any more."""
        ...

    async def prove(self, phrase: str, contact: ContactId) -> tuple[str, str | None]:
        """Notes that a phrase came from them: proved, unknown or expired, and what
        the phrase was for. ``phrase`` is its SHA-256 in hexadecimal."""
        ...
