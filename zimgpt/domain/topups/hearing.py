"""What the gateway's own answers make of a payment."""

from __future__ import annotations

from typing import TypeAlias, assert_never

import attrs

from zimgpt.domain.topups.acts import (
    Act,
    Alert,
    ClawBack,
    Concern,
    Credit,
    Tell,
    Word,
)
from zimgpt.domain.topups.events import Heard
from zimgpt.domain.topups.matching import foreign, mismatch
from zimgpt.domain.topups.news import News, Status
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
    place_of,
)

Step: TypeAlias = tuple[TopUp, tuple[Act, ...]]


def heard(topup: TopUp, event: Heard) -> Step:
    """The payment after an answer that is sure to be the gateway's."""
    news = event.news
    match news.status:
        case Status.PAID:
            return _paid(topup, event)
        case Status.UNCLEAR:
            return topup, (Alert(Concern.UNCLEAR_WORD),)
        case Status.PENDING | Status.CANCELLED | Status.FAILED:
            if foreign(topup, news) is not None:
                return topup, (Alert(Concern.FOREIGN),)
            return _not_paid(topup, event)
        case Status.DISPUTED | Status.REFUNDED:
            if foreign(topup, news) is not None:
                return topup, (Alert(Concern.FOREIGN),)
            return _reversed(topup, event)
        case _:
            assert_never(news.status)


def _paid(topup: TopUp, event: Heard) -> Step:
    """Credits what was agreed to, or asks a person; never anything in between."""
    order, place = topup.order, _place(topup, event)
    match topup:
        case Created() | Sent() | Unknown() | Pending() | Cancelled() | Failed():
            doubt = mismatch(topup, event.news)
            if doubt is not None:
                acts = (Tell(Word.REVIEW), Alert(Concern.MISMATCH))
                return Review(order, doubt, place), acts
            key = f"purchase:{order.id}"
            return Paid(order, place, key), (Credit(key, order.tokens),)
        case Paid():
            if mismatch(topup, event.news) is not None:
                return topup, (Alert(Concern.MISMATCH),)
            return topup, (Credit(topup.key, order.tokens),)
        case Credited() | Disputed() | Refunded() | Review():
            return topup, ()
        case _:
            assert_never(topup)


def _not_paid(topup: TopUp, event: Heard) -> Step:
    order, place, status = topup.order, _place(topup, event), event.news.status
    if not isinstance(topup, Created | Sent | Unknown | Pending):
        return topup, ()
    if status is Status.CANCELLED:
        return Cancelled(order, place), (Tell(Word.CANCELLED),)
    if status is Status.FAILED:
        return Failed(order, Reason.AT_THE_WALLET, place), (Tell(Word.FAILED),)
    if place is None or isinstance(topup, Created):
        return topup, ()
    if isinstance(topup, Pending):
        return Pending(order, place), ()
    return Pending(order, place), (Tell(Word.WAITING),)


def _reversed(topup: TopUp, event: Heard) -> Step:
    """Takes the tokens back, once between a dispute and a refund; and once more when
    the money goes back after a person has given them back."""
    order, place, status = topup.order, _place(topup, event), event.news.status
    refunded = status is Status.REFUNDED
    concern = Concern.REFUNDED if refunded else Concern.DISPUTED
    match topup:
        case Refunded():
            return topup, ()
        case Disputed():
            if not refunded:
                return topup, ()
            return Refunded(order, topup.clawed, place), (Alert(concern),)
        case Credited(reinstated=True) if not refunded:
            return topup, ()
        case Credited() | Paid():
            tokens, clawed = _taken(topup), True
        case (
            Created() | Sent() | Unknown() | Pending() | Cancelled() | Failed()
            | Review()
        ):  # fmt: skip
            tokens, clawed = (), False
        case _:
            assert_never(topup)
    told = Tell(Word.REFUNDED if refunded else Word.DISPUTED)
    acts = (*tokens, told, Alert(concern))
    if refunded:
        return Refunded(order, clawed, place), acts
    return Disputed(order, clawed, place), acts


def _taken(topup: Credited | Paid) -> tuple[Act, ...]:
    order = topup.order
    if isinstance(topup, Paid):  # its credit may still be on its way
        credit = Credit(topup.key, order.tokens)
        return credit, ClawBack(f"clawback:{order.id}", order.tokens)
    key = f"reclaim:{order.id}" if topup.reinstated else f"clawback:{order.id}"
    return (ClawBack(key, order.tokens),)


def _place(topup: TopUp, event: Heard) -> Place | None:
    """Where it is kept, the first that was known, with a reference learnt since."""
    place = place_of(topup) or event.place
    if place is None or place.gateway_reference:
        return place
    news: News = event.news
    return attrs.evolve(place, gateway_reference=news.gateway_reference)
