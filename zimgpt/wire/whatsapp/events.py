"""What one webhook may tell: values, each with its key and its own bytes to store.

The key is what makes a repeated delivery harmless: the wamid of a message, the wamid
and the status of a status. A webhook has no id of its own, and comes again with other
batch boundaries, so a hash of the whole would catch nothing. What has no id has a hash
of its own bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TypeAlias, TypeVar

import attrs

from zimgpt.domain.heard import Heard
from zimgpt.wire.whatsapp.people import Person

T = TypeVar("T")


@attrs.frozen
class Error:
    """What WhatsApp says went wrong; ``code`` is None where it was not a number."""

    code: int | None
    title: str = ""
    details: str = ""
    subcode: int | None = None


@attrs.frozen(kw_only=True)
class Message:
    """Something that a person sent us.

    ``number`` is the id of our number that it came to, ``""`` if that was not said;
    ``sort`` is WhatsApp's word for its type. A message with a ``group`` was said before
    others, and is not to be answered there.
    """

    key: str
    raw: bytes = attrs.field(repr=False)
    number: str
    wamid: str
    person: Person
    name: str
    at: datetime | None
    sort: str
    heard: Heard
    reply_to: str | None = None
    group: str | None = None
    forwarded: bool = False
    errors: tuple[Error, ...] = ()


class Rank(IntEnum):
    """How far a message of ours has come; see ``statuses.after``."""

    UNKNOWN = 0
    QUEUED = 1
    SENT = 2
    DELIVERED = 3
    READ = 4
    PLAYED = 5
    FAILED = 6


@attrs.frozen
class Pricing:
    """What Meta charges for a message; ``billable`` is None where it was not said."""

    billable: bool | None
    model: str = ""
    type: str = ""
    category: str = ""


@attrs.frozen(kw_only=True)
class Status:
    """News of a message of ours. ``ours`` is the id that we sent it with."""

    key: str
    raw: bytes = attrs.field(repr=False)
    number: str
    wamid: str
    status: str
    rank: Rank
    at: datetime | None
    recipient: Person
    ours: str | None = None
    pricing: Pricing | None = None
    errors: tuple[Error, ...] = ()
    group: bool = False


class Change(StrEnum):
    """What became different about somebody."""

    NUMBER = "number"
    USER_ID = "user_id"
    IDENTITY = "identity"
    OTHER = "other"


@attrs.frozen(kw_only=True)
class IdentityNews:
    """``person`` is now ``became``, says WhatsApp; but that proves nothing."""

    key: str
    raw: bytes = attrs.field(repr=False)
    number: str
    wamid: str
    at: datetime | None
    change: Change
    person: Person
    became: Person


class Mark(StrEnum):
    """What may be done to an earlier message."""

    REACTION = "reaction"
    EDIT = "edit"
    REVOKE = "revoke"


@attrs.frozen(kw_only=True)
class Marked:
    """Somebody reacted to an earlier message, changed it or took it back.

    ``emoji`` is empty where a reaction was taken back.
    """

    key: str
    raw: bytes = attrs.field(repr=False)
    number: str
    wamid: str
    at: datetime | None
    mark: Mark
    person: Person
    target: str | None
    emoji: str = ""
    group: str | None = None


@attrs.frozen(kw_only=True)
class Fault:
    """An error that concerns no message: the number, the account or the app."""

    key: str
    raw: bytes = attrs.field(repr=False)
    number: str
    error: Error


@attrs.frozen(kw_only=True)
class Notice:
    """News of the account, for whoever runs it; ``event`` is its own word, if any."""

    key: str
    raw: bytes = attrs.field(repr=False)
    field: str
    event: str = ""


@attrs.frozen(kw_only=True)
class Other:
    """Something that is kept, counted by its ``name``, and not acted upon."""

    key: str
    raw: bytes = attrs.field(repr=False)
    name: str


Item: TypeAlias = Message | Status | IdentityNews | Marked | Fault | Notice | Other


@attrs.frozen
class Delivery:
    """Everything in one webhook, each key once, in the order of its arrival.

    ``junk`` counts, by where they were found, things too odd to be kept.
    """

    items: tuple[Item, ...] = ()
    junk: Mapping[str, int] = attrs.field(factory=dict)

    def of(self, sort: type[T]) -> tuple[T, ...]:
        """The items of one sort."""
        return tuple(item for item in self.items if isinstance(item, sort))

    @property
    def messages(self) -> tuple[Message, ...]:
        """What people sent."""
        return self.of(Message)

    @property
    def statuses(self) -> tuple[Status, ...]:
        """News of what we sent."""
        return self.of(Status)
