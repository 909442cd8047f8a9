"""Whether what the gateway says is about this payment, and of what was agreed to."""

from __future__ import annotations

from zimgpt.domain.topups.news import News
from zimgpt.domain.topups.states import Doubt, TopUp, place_of


def foreign(topup: TopUp, news: News) -> Doubt | None:
    """Why the news are of another payment, or None.

    A gateway reference that we know must be said again: values of a signed message can
    be cut anew and still bear its signature, so nothing is taken for granted.
    """
    if news.reference != topup.order.reference:
        return Doubt.REFERENCE
    place = place_of(topup)
    known = place.gateway_reference if place is not None else ""
    if known and news.gateway_reference != known:
        return Doubt.GATEWAY_REFERENCE
    return None


def mismatch(topup: TopUp, news: News) -> Doubt | None:
    """Why what was paid is not what was agreed to, or None: exact to the cent."""
    doubt = foreign(topup, news)
    if doubt is None and news.minor != topup.order.amount.minor:
        return Doubt.AMOUNT
    return doubt
