"""Asking the gateway how one payment stands."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from zimgpt.domain.topups.events import Absent, Begin, Heard, Refused
from zimgpt.domain.topups.matching import mismatch
from zimgpt.domain.topups.news import News
from zimgpt.domain.topups.states import Created, Place, Reason, Refunded, place_of
from zimgpt.flows.ports.payments import Rail, Traced, Unheard
from zimgpt.flows.ports.topups import Evidence, Kept, PaymentId, Payments, Source
from zimgpt.flows.rails import Rails
from zimgpt.flows.settling import Settling


@attrs.frozen
class Looking:
    """One question, and what comes of it."""

    _payments: Payments
    _rails: Rails
    _settling: Settling

    async def look(self, payment: PaymentId) -> None:
        """Asks, and writes what was heard; raises Unavailable. A payment that was kept
        and of which nothing was asked in time is given up."""
        kept = await self._payments.read(payment)
        if isinstance(kept.topup, Created):
            await self._give_up(kept)
            return
        if isinstance(kept.topup, Refunded):
            return
        place = place_of(kept.topup)
        try:
            await (self._trace(kept) if place is None else self._poll(kept, place))
        except Unheard:
            await self._settling.missed(kept)

    async def _give_up(self, kept: Kept) -> None:
        """Whoever was to ask for the money has died before it did."""
        begun = await self._settling.settle(kept.id, Begin())
        if begun.acts:
            refused = Refused(Reason.NOT_SENT)
            await self._settling.settle(kept.id, refused, ours("given up"))

    async def _poll(self, kept: Kept, place: Place) -> None:
        async def poll(rail: Rail) -> News:
            return await rail.poll(place)

        news = await self._rails.ask(kept.topup.order.amount.currency, poll)
        await self._settling.settle(
            kept.id, Heard(news), of(news, Source.POLL), answered=True
        )

    async def _trace(self, kept: Kept) -> None:
        order = kept.topup.order

        async def trace(rail: Rail) -> Traced | None:
            return await rail.trace(order.reference)

        found = await self._rails.ask(order.amount.currency, trace)
        if found is None:
            absent = Absent(kept.absents + 1, kept.age.total_seconds())
            nothing = ours("not found", Source.TRACE)
            await self._settling.settle(kept.id, absent, nothing, answered=True)
            return
        await self._settling.settle(
            kept.id,
            Heard(found.news, found.place),
            of(found.news, Source.TRACE),
            answered=True,
        )


def of(news: News, source: Source) -> Callable[[Kept], Evidence]:
    """What is kept of the gateway's answer."""
    return lambda kept: Evidence(
        source=source,
        word=news.word,
        minor=news.minor,
        gateway_reference=news.gateway_reference,
        matched=mismatch(kept.topup, news) is None,
        body=news.body,
    )


def ours(word: str, source: Source = Source.US) -> Callable[[Kept], Evidence]:
    """What is kept of something that has no message."""
    return lambda _: Evidence(source=source, word=word)
