"""Where a payment stands, as values; each holds what is known by then."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import attrs

from zimgpt.domain.ledger import Tokens
from zimgpt.domain.topups.money import Amount
from zimgpt.domain.topups.networks import Method


class Stage(StrEnum):
    """The name of a state, as it is stored and shown."""

    CREATED = "created"
    SENT = "sent"
    UNKNOWN = "unknown"
    PENDING = "pending"
    CANCELLED = "cancelled"
    FAILED = "failed"
    PAID = "paid"
    CREDITED = "credited"
    DISPUTED = "disputed"
    REFUNDED = "refunded"
    REVIEW = "review"


@attrs.frozen(kw_only=True)
class Order:
    """What was agreed to, frozen before the gateway hears of it."""

    id: str
    reference: str
    amount: Amount
    tokens: Tokens
    method: Method


@attrs.frozen(kw_only=True)
class Place:
    """Where the gateway keeps a payment. Its addresses are for our own questions and
    are shown to nobody: who asks there gets an answer that is signed as if for us."""

    poll: str = attrs.field(repr=False)
    gateway_reference: str = ""
    code: str = attrs.field(default="", repr=False)
    """Where a code that the person got is handed in."""


class Reason(StrEnum):
    """Why a payment failed, as far as anybody said."""

    NOT_SENT = "not_sent"
    """The gateway could not be reached; nothing was asked of it."""
    ABSENT = "absent"
    """The gateway was asked, and never heard of it."""
    REFUSED = "refused"
    NO_FUNDS = "no_funds"
    WRONG_NUMBER = "wrong_number"
    OUR_FAULT = "our_fault"
    """Our own set-up is wrong; the operator must know."""
    AT_THE_WALLET = "at_the_wallet"
    """A wrong PIN, an expired prompt, no funds: the gateway does not tell which."""


class Doubt(StrEnum):
    """Why a person must look at it."""

    AMOUNT = "amount"
    REFERENCE = "reference"
    GATEWAY_REFERENCE = "gateway_reference"


@attrs.frozen
class Created:
    """Agreed to; nothing was asked of the gateway."""

    order: Order


@attrs.frozen
class Sent:
    """The gateway is being asked, or was when a process died."""

    order: Order


@attrs.frozen
class Unknown:
    """It was asked, and nobody knows whether it heard."""

    order: Order


@attrs.frozen
class Pending:
    """It waits for the person: approval, a code, or its own page."""

    order: Order
    place: Place


@attrs.frozen
class Cancelled:
    """The gateway says so; it has been known to think better of it."""

    order: Order
    place: Place | None = None


@attrs.frozen
class Failed:
    """It did not come about."""

    order: Order
    reason: Reason
    place: Place | None = None


@attrs.frozen
class Paid:
    """The gateway has the money; the tokens are being posted."""

    order: Order
    place: Place | None = None
    key: str = ""
    """Of the transfer that credits it."""


@attrs.frozen
class Credited:
    """The tokens are in the wallet. ``reinstated``: they were taken back once, and a
    person gave them back, so what the gateway said before is settled."""

    order: Order
    place: Place | None = None
    reinstated: bool = False


@attrs.frozen
class Disputed:
    """The gateway holds the money back. ``clawed``: the tokens were taken back."""

    order: Order
    clawed: bool
    place: Place | None = None


@attrs.frozen
class Refunded:
    """The person has the money again. ``clawed``: the tokens were taken back."""

    order: Order
    clawed: bool
    place: Place | None = None


@attrs.frozen
class Review:
    """Something was paid that is not what was agreed to; a person decides."""

    order: Order
    doubt: Doubt
    place: Place | None = None


TopUp: TypeAlias = (
    Created
    | Sent
    | Unknown
    | Pending
    | Cancelled
    | Failed
    | Paid
    | Credited
    | Disputed
    | Refunded
    | Review
)


def stage(topup: TopUp) -> Stage:
    """The state's name."""
    return Stage(type(topup).__name__.lower())


def place_of(topup: TopUp) -> Place | None:
    """Where the gateway keeps it, if that is known."""
    match topup:
        case Created() | Sent() | Unknown():
            return None
        case _:
            return topup.place
