"""When the gateway is asked again how a payment stands.

It is asked often while a person stands there with the phone, and never forgotten after:
messages of a gateway get lost, and a payment that it calls cancelled has been paid
minutes later. Only the age and the number of looks count, so a restart changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final, assert_never

import attrs

from zimgpt.domain.topups.states import (
    Cancelled,
    Created,
    Credited,
    Disputed,
    Failed,
    Paid,
    Pending,
    Place,
    Reason,
    Refunded,
    Review,
    Sent,
    TopUp,
    Unknown,
)

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

# Up to ten minutes it is every 50 seconds: whoever pays then and is not heard of
# otherwise has the tokens within a minute, the asking included.
FIRST: Final = (
    5,
    10,
    15,
    20,
    30,
    45,
    60,
    90,
    *range(2 * MINUTE, 10 * MINUTE, 50),
    10 * MINUTE,
)
HOURLY: Final = tuple(range(HOUR, DAY + 1, HOUR))
WHILE_OPEN: Final = (
    *FIRST,
    15 * MINUTE,
    30 * MINUTE,
    *HOURLY,
    *range(2 * DAY, 7 * DAY + 1, DAY),
)
AFTER_SENT: Final = tuple(at for at in WHILE_OPEN if at >= 90)
"""A request that is under way has its own patience; then its process is gone."""
AFTER_NO: Final = (*(at for at in FIRST if at >= MINUTE), *HOURLY)
AFTER_REFUSAL: Final = (2 * MINUTE, 10 * MINUTE, HOUR, DAY)
DAILY: Final = tuple(range(DAY, 30 * DAY + 1, DAY))


class Question(StrEnum):
    """What is asked."""

    POLL = "poll"
    """At the address that the gateway gave us."""
    TRACE = "trace"
    """By our own reference, when it gave us none."""


@attrs.frozen
class Look:
    """The next question, and how long to wait before it."""

    question: Question
    wait: timedelta


def next_look(topup: TopUp, polls: int, age: timedelta) -> Look | None:
    """When to ask next, ``age`` after it was sent and after ``polls`` questions.

    None: never, unless somebody asks for it. What was never asked at all and is late
    is asked at once.
    """
    times, place = _plan(topup)
    if not times:
        return None
    question = Question.TRACE if place is None else Question.POLL
    seconds = age.total_seconds()
    if polls == 0 and seconds >= times[0]:
        return Look(question, timedelta(0))
    later = next((at for at in times if at > seconds), None)
    if later is None:
        return None
    return Look(question, timedelta(seconds=later) - age)


def _plan(topup: TopUp) -> tuple[tuple[int, ...], Place | None]:
    match topup:
        case Created():
            return (), None
        case Sent():
            return AFTER_SENT, None
        case Unknown():
            return WHILE_OPEN, None
        case Pending():
            return WHILE_OPEN, topup.place
        case Cancelled():
            return AFTER_NO, topup.place
        case Failed():
            return _after_failure(topup), topup.place
        case Paid() | Credited() | Disputed() | Review():
            return DAILY, topup.place
        case Refunded():
            return (), None
        case _:
            assert_never(topup)


def _after_failure(topup: Failed) -> tuple[int, ...]:
    match topup.reason:
        case Reason.NOT_SENT:
            return ()
        case Reason.AT_THE_WALLET | Reason.ABSENT:
            return AFTER_NO
        case _:
            return AFTER_REFUSAL
