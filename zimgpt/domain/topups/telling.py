"""What a person is told of a payment: few words, and one sentence that says what to do.

The gateway's own words are many and come late; these are what somebody with a phone in
the hand can act on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal, assert_never

from zimgpt.domain.topups.states import (
    Cancelled,
    Created,
    Credited,
    Disputed,
    Failed,
    Paid,
    Pending,
    Reason,
    Refunded,
    Review,
    Sent,
    TopUp,
    Unknown,
)

Shown = Literal[
    "waiting",
    "checking",
    "credited",
    "cancelled",
    "failed",
    "review",
    "disputed",
    "refunded",
]

WAITING: Final = {
    "": "pay.waiting.asking",
    "approve": "pay.waiting.approve",
    "code": "pay.waiting.code",
    "otp": "pay.waiting.otp",
    "visit": "pay.waiting.visit",
}
FAILED: Final = {
    Reason.NOT_SENT: "pay.failed.not_sent",
    Reason.ABSENT: "pay.failed.absent",
    Reason.REFUSED: "pay.failed.refused",
    Reason.NO_FUNDS: "pay.failed.no_funds",
    Reason.WRONG_NUMBER: "pay.failed.wrong_number",
    Reason.OUR_FAULT: "pay.failed.our_fault",
    Reason.AT_THE_WALLET: "pay.failed.at_the_wallet",
}
OTHER: Final = {
    "checking": "pay.checking",
    "credited": "pay.credited",
    "cancelled": "pay.cancelled",
    "review": "pay.review",
    "disputed": "pay.disputed",
    "refunded": "pay.refunded",
}

PATIENCE: Final = timedelta(minutes=10)
"""How long anybody's prompt can be believed to wait for them."""


def shown(topup: TopUp, age: timedelta) -> Shown:
    """Where it stands, ``age`` after it was begun."""
    match topup:
        case Created() | Sent():
            return "waiting"
        case Pending():
            return "waiting" if age < PATIENCE else "checking"
        case Unknown() | Paid():
            return "checking"
        case Cancelled():
            return "cancelled"
        case Failed():
            return "failed"
        case Credited():
            return "credited"
        case Disputed():
            return "disputed"
        case Refunded():
            return "refunded"
        case Review():
            return "review"
        case _:
            assert_never(topup)


def reason(topup: TopUp) -> str | None:
    """Why it failed, or must be looked at."""
    match topup:
        case Failed():
            return topup.reason.value
        case Review():
            return topup.doubt.value
        case _:
            return None


def key(state: Shown, why: str | None, prompt: str | None) -> str:
    """The text that says it; ``prompt`` is its kind, while there is one."""
    if state == "waiting":
        return WAITING[prompt or ""]
    if state == "failed":
        return FAILED[Reason(why or Reason.REFUSED)]
    return OTHER[state]


def hint(phone: str) -> str:
    """A number of which its owner knows the rest: ``077 *** 4567``."""
    national = "0" + phone.removeprefix("+263")
    return f"{national[:3]} *** {national[-4:]}"
