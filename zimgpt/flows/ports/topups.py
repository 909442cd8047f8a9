"""Payments as they are kept: what is sold, what was agreed to, where each stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.networks import Method
from zimgpt.domain.topups.packages import Deal, Package, Rate
from zimgpt.domain.topups.states import TopUp
from zimgpt.flows.ports.payments import Prompt

PaymentId = NewType("PaymentId", str)
"""A UUID, ours."""


@attrs.frozen
class Catalogue:
    """What is sold just now; ``rate`` is None while nobody has set one."""

    packages: tuple[Package, ...]
    rate: Rate | None = None


@attrs.frozen(kw_only=True)
class NewPayment:
    """What somebody agrees to. ``user`` gets the tokens, ``payer`` pays."""

    id: PaymentId
    user: UserId
    payer: UserId
    channel: str
    client_id: str
    reference: str
    deal: Deal
    method: Method
    phone: Phone | None


class Opening(StrEnum):
    """What became of it."""

    OPENED = "opened"
    REPEAT = "repeat"
    DIFFERS = "differs"
    TOO_MANY = "too_many"


@attrs.frozen(kw_only=True)
class Kept:
    """A payment as it is kept at ``version``.

    ``age`` is counted from when the gateway was first asked, or from the beginning, by
    the database's clock; ``polls`` are questions since, ``absents`` those that found
    nothing, ``misses`` the latest that had no answer. ``hinted``: news were told of
    within the last minute.
    """

    id: PaymentId
    topup: TopUp
    user: UserId
    payer: UserId
    channel: str
    client_id: str
    package: str
    phone: Phone | None
    beneficiary: Phone | None
    """Whose tokens they are, if not the payer's."""
    prompt: Prompt | None
    version: int
    created_at: datetime
    credited_at: datetime | None
    age: timedelta
    polls: int = 0
    absents: int = 0
    misses: int = 0
    hinted: bool = False


class Source(StrEnum):
    """Where evidence comes from."""

    ANSWER = "answer"
    """To the request that began it."""
    POLL = "poll"
    TRACE = "trace"
    CODE = "code"
    """To a code that was handed in."""
    OPERATOR = "operator"
    US = "us"


@attrs.frozen(kw_only=True)
class Evidence:
    """What is kept of why something was decided. ``matched``: it was about this payment
    and exactly what was agreed to; ``note``: who decided, and why, if a person did."""

    source: Source
    word: str
    minor: int | None = None
    gateway_reference: str = ""
    genuine: bool = True
    matched: bool = False
    body: bytes = attrs.field(default=b"", repr=False)
    note: str = ""


@attrs.frozen(kw_only=True)
class Decision:
    """What is written, if the payment is still as ``kept`` was.

    ``credit`` and ``clawback`` are the first words of the keys of the transfers to be
    posted. ``answered``: True after an answer to a question of ours, False after one
    that had none, None if none was asked.
    """

    topup: TopUp
    prompt: Prompt | None
    credit: str | None = None
    clawback: str | None = None
    answered: bool | None = None
    absents: int = 0
    wait: timedelta | None = None
    evidence: Evidence | None = None


class Heard(StrEnum):
    """What is to be done about a call."""

    ASK = "ask"
    LATER = "later"
    UNKNOWN = "unknown"


class Decisions(Protocol):
    """One payment at a time, as far as deciding on it needs; raises Unavailable."""

    async def read(self, payment: PaymentId) -> Kept:
        """One of anybody's; raises NotFound."""
        ...

    async def apply(self, kept: Kept, decision: Decision) -> int | None:
        """Writes it; the version after, or None if the payment had moved on."""
        ...


class Payments(Decisions, Protocol):
    """All of them; each method is one commit and raises Unavailable."""

    async def catalogue(self) -> Catalogue:
        """What is sold."""
        ...

    async def open(self, new: NewPayment, most: int) -> tuple[Opening, PaymentId]:
        """Keeps a new one, unless ``most`` of its payer's are waiting. The id is that
        of the first that the payer has begun under this client's id."""
        ...

    async def begun(self, payer: UserId, client_id: str) -> Kept | None:
        """What a person has begun under their client's id."""
        ...

    async def mine(self, user: UserId, payment: PaymentId) -> Kept:
        """One that the person pays or gets; raises NotFound."""
        ...

    async def list(
        self, user: UserId, before: PaymentId | None, limit: int
    ) -> Sequence[Kept]:
        """Those that the person pays or was given, latest first."""
        ...

    async def due(self, limit: int, lease: timedelta) -> Sequence[PaymentId]:
        """Those to be asked about, each given to one node for ``lease``."""
        ...

    async def take_look(self, payment: PaymentId, lease: timedelta) -> bool:
        """Whether this caller is to ask about it now."""
        ...

    async def hear(
        self,
        payment: PaymentId,
        currency: Currency,
        evidence: Evidence,
        lease: timedelta,
    ) -> Heard:
        """Keeps a call, and says what is to be done."""
        ...

    async def figures(self) -> Mapping[str, int]:
        """How many are in each state that is not the end; ``unclear`` of those have
        been unknown for an hour."""
        ...
