"""A month of a wallet: what was in it, what came and went, and what was left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

import attrs

from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import BadRequest

HARARE: Final = timezone(timedelta(hours=2), "CAT")
"""Zimbabwe's time: two hours before UTC, all year."""

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@attrs.frozen(order=True)
class Month:
    """A month of the calendar in Zimbabwe."""

    year: int
    number: int

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.number, 1, tzinfo=HARARE)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return (self.begins + timedelta(days=32)).replace(day=1)

    def __str__(self) -> str:
        """As it is written in an address: ``2026-11``."""
        return f"{self.year}-{self.number:02}"


def month_of(moment: datetime) -> Month:
    """The month that a moment is in."""
    there = moment.astimezone(HARARE)
    return Month(there.year, there.month)


def month(text: str, now: datetime) -> Month:
    """The month that is written as ``2026-11``; nothing is the one that it is now.

    Raises BadRequest for what is no month, and for one that has not begun.
    """
    if not text:
        return month_of(now)
    asked = read(text)
    if asked is None:
        raise BadRequest("Please write the month as 2026-11.")
    if asked > month_of(now):
        raise BadRequest("This month has not begun yet.")
    return asked


def read(text: str) -> Month | None:
    """The month that is written as ``2026-11``."""
    found = _MONTH.fullmatch(text)
    return Month(int(found[1]), int(found[2])) if found else None


class MovementKind(StrEnum):
    """Why tokens came or went, in the order in which a summary names them."""

    PURCHASE = "purchase"
    WELCOME = "welcome"
    GRANT = "grant"
    VOUCHER = "voucher"
    REFUND = "refund"
    CLAWBACK = "clawback"
    CHAT = "chat"
    ESSAY = "essay"
    VOICE = "voice"
    PICTURE = "picture"
    OTHER = "other"


@attrs.frozen(kw_only=True)
class Payment:
    """A payment, by our reference and the payment service's; the amount in cents."""

    reference: str
    provider_reference: str | None
    amount_minor: int
    currency: str


@attrs.frozen(kw_only=True)
class Movement:
    """Tokens that came, or went if negative, and what was in the wallet after it.

    ``count`` is how many it stands for, where a day's are told in one.
    """

    at: datetime
    kind: MovementKind
    tokens: int
    balance: int = 0
    count: int = 1
    title: str = ""
    answer: AnswerId | None = None
    conversation: ConversationId | None = None
    payment: Payment | None = None


@attrs.frozen(kw_only=True)
class Total:
    """All movements of one kind."""

    kind: MovementKind
    count: int
    tokens: int


@attrs.frozen(kw_only=True)
class Statement:
    """A month; ``opening`` and all movements make ``closing``."""

    month: Month
    opening: int
    movements: tuple[Movement, ...]

    @property
    def closing(self) -> int:
        """What was in the wallet at the end, or is now while the month lasts."""
        return self.opening + sum(one.tokens for one in self.movements)

    @property
    def totals(self) -> tuple[Total, ...]:
        """One for each kind that there was."""
        return tuple(
            Total(
                kind=kind,
                count=sum(one.count for one in some),
                tokens=sum(one.tokens for one in some),
            )
            for kind in MovementKind
            if (some := [one for one in self.movements if one.kind is kind])
        )


def stated(month: Month, opening: int, moved: Sequence[Movement]) -> Statement:
    """The month with the balance after each movement, which come oldest first."""
    balance = opening
    told = []
    for one in moved:
        balance += one.tokens
        told.append(attrs.evolve(one, at=one.at.astimezone(UTC), balance=balance))
    return Statement(month=month, opening=opening, movements=tuple(told))
