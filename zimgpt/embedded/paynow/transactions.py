"""One payment as the gateway knows it, and what was told of it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

import attrs

from zimgpt.embedded.paynow.troubles import Troubles

CREATED: Final = "Created"
SENT: Final = "Sent"
CANCELLED: Final = "Cancelled"
FAILED: Final = "Failed"
DELIVERED: Final = "Delivered"
DISPUTED: Final = "Disputed"
REFUNDED: Final = "Refunded"

OPEN: Final = (CREATED, SENT)
PAID: Final = ("Paid", "Awaiting Delivery", DELIVERED)


@attrs.define
class Change:
    """When it became what."""

    at: float
    status: str


@attrs.define
class Step:
    """What is to become of it, and when."""

    at: float
    act: str


@attrs.define
class Delivery:
    """One callback: when it is sent next, and how it was answered so far."""

    at: float
    body: str
    kind: str = ""
    """Empty for ours; otherwise which forgery it is."""
    url: str = ""
    """Where to, if it is not where the merchant said."""
    answers: list[int] = attrs.Factory(list)
    over: bool = False


@attrs.define(kw_only=True)
class Transaction:
    """One payment; ``amount`` is as it was sent."""

    guid: str
    number: int
    merchant: int
    reference: str
    trace: str
    amount: str
    method: str
    began: float
    phone: str = ""
    email: str = ""
    info: str = ""
    result_url: str = ""
    return_url: str = ""
    troubles: Troubles = attrs.Factory(Troubles)
    history: list[Change] = attrs.Factory(list)
    plan: list[Step] = attrs.Factory(list)
    deliveries: list[Delivery] = attrs.Factory(list)
    code: str = ""
    """What an InnBucks app pays, or what O'mari sent by SMS."""
    code_until: float = 0.0
    code_tries: int = 0
    ignored: bool = False
    paid: bool = False
    """Whether money was ever taken for it."""

    @property
    def status(self) -> str:
        """How it stands."""
        return self.history[-1].status

    def status_at(self, moment: float) -> str:
        """How it stood."""
        known = [change.status for change in self.history if change.at <= moment]
        return known[-1] if known else self.history[0].status

    @property
    def charged(self) -> str:
        """The amount that status messages name."""
        cents = exact(self.amount)
        match self.troubles.amount:
            case "short":
                return f"{cents - 1:.2f}" if cents > 1 else "0.01"
            case "long":
                return f"{cents + 1:.2f}"
            case "commas":
                return f"{cents:,.2f}"
            case "bare" if cents == cents.to_integral_value():
                return f"{cents:.0f}"
            case "three":
                return f"{cents:.3f}"
            case _:
                return f"{cents:.2f}"

    @property
    def shown_number(self) -> str:
        """Our reference, as messages write it."""
        return f"{self.number:,}" if self.troubles.commas else str(self.number)


def exact(amount: str) -> Decimal:
    """An amount, nothing if it is none."""
    try:
        said = Decimal(amount.strip())
    except InvalidOperation:
        return Decimal(0)
    return said if said.is_finite() else Decimal(0)
