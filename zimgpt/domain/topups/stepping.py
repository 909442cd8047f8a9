"""The life of a payment: ``step(topup, event)``, pure and total.

Only the gateway's own answer to a question of ours moves money, and only for exactly
what was agreed to. News may come twice, late and in any order: what is further along
never goes back, except that a payment called cancelled or failed is credited if it is
paid after all. A payment is credited once, and its tokens are taken back at most once.
"""

from __future__ import annotations

from typing import Final, TypeAlias, assert_never

import attrs

from zimgpt.domain.topups.acts import (
    Act,
    Alert,
    Concern,
    Credit,
    Initiate,
    Tell,
    Word,
)
from zimgpt.domain.topups.events import (
    Absent,
    Accepted,
    Approved,
    Begin,
    Dismissed,
    Event,
    Heard,
    Posted,
    Refused,
    Reinstated,
    Unheard,
)
from zimgpt.domain.topups.hearing import heard
from zimgpt.domain.topups.states import (
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
    place_of,
)

Step: TypeAlias = tuple[TopUp, tuple[Act, ...]]

ABSENT_TRIES: Final = 3
ABSENT_SECONDS: Final = 600.0
"""What a gateway has not heard of so often, for so long, was never there."""


def step(topup: TopUp, event: Event) -> Step:
    """The payment after an event, and what is to be done."""
    match event:
        case Begin():
            if isinstance(topup, Created):
                return Sent(topup.order), (Initiate(),)
            return topup, ()
        case Accepted() | Refused() | Unheard():
            return _answered(topup, event)
        case Heard():
            return heard(topup, event)
        case Absent():
            return _absent(topup, event)
        case Posted():
            if isinstance(topup, Paid):
                return Credited(topup.order, topup.place), (Tell(Word.CREDITED),)
            return topup, ()
        case Approved() | Reinstated() | Dismissed():
            return _decided(topup, event)
        case _:
            assert_never(event)


def _answered(topup: TopUp, event: Accepted | Refused | Unheard) -> Step:
    """What became of the request; whatever else was heard by then counts more."""
    match event:
        case Accepted():
            return _accepted(topup, event)
        case Refused():
            if not isinstance(topup, Sent):
                return topup, ()
            acts: tuple[Act, ...] = (Tell(Word.FAILED),)
            if event.reason is Reason.OUR_FAULT:
                acts = (*acts, Alert(Concern.REFUSED_US))
            return Failed(topup.order, event.reason), acts
        case Unheard():
            if not isinstance(topup, Sent):
                return topup, ()
            return Unknown(topup.order), (Tell(Word.CHECKING),)
        case _:
            assert_never(event)


def _accepted(topup: TopUp, event: Accepted) -> Step:
    match topup:
        case Sent() | Unknown():
            return Pending(topup.order, event.place), (Tell(Word.WAITING),)
        case Failed(reason=Reason.ABSENT, place=None):
            # It was given up before its answer came; so it does exist.
            return Pending(topup.order, event.place), (Tell(Word.WAITING),)
        case Created():
            return topup, ()
        case _:
            # News were quicker than the answer; where it is kept is still to be known.
            if topup.place is not None:
                return topup, ()
            return attrs.evolve(topup, place=event.place), ()


def _absent(topup: TopUp, event: Absent) -> Step:
    if not isinstance(topup, Sent | Unknown):
        return topup, ()
    if event.tries < ABSENT_TRIES or event.seconds < ABSENT_SECONDS:
        return topup, ()
    return Failed(topup.order, Reason.ABSENT), (Tell(Word.FAILED),)


def _decided(topup: TopUp, event: Approved | Reinstated | Dismissed) -> Step:
    """What a person decides; each decision has a key of its own in the ledger."""
    order, place = topup.order, place_of(topup)
    match event:
        case Approved():
            if isinstance(topup, Review):
                key = f"manual:{order.id}"
                return Paid(order, place, key), (Credit(key, order.tokens),)
        case Reinstated():
            if isinstance(topup, Disputed) and topup.clawed:
                back = Credit(f"reinstate:{order.id}", order.tokens)
                given = Credited(order, place, reinstated=True)
                return given, (back, Tell(Word.REINSTATED))
        case Dismissed():
            if isinstance(topup, Review) or (
                isinstance(topup, Disputed) and not topup.clawed
            ):
                return Refunded(order, clawed=False, place=place), ()
        case _:
            assert_never(event)
    return topup, ()
