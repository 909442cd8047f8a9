"""Asking again about every payment that is not settled, until nothing can come of it.

When is written with each payment, by the database's clock, so that it does not matter
which node asks nor how often all of them were restarted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from zimgpt.domain.errors import Unavailable
from zimgpt.flows.callbacks import LEASE
from zimgpt.flows.looking import Looking
from zimgpt.flows.ports.topups import PaymentId, Payments
from zimgpt.flows.rails import AT_ONCE, Rails

BATCHES: Final = 50
"""In one round; the next begins a second later."""
COUNT_EVERY: Final = 30.0


@attrs.define
class Reconciling:
    """``figures`` are how many payments were in each state half a minute ago."""

    _clock: IReactorTime
    _payments: Payments
    _rails: Rails
    _looking: Looking
    figures: Mapping[str, int] = attrs.field(init=False, factory=dict)
    _count_at: float = attrs.field(init=False, default=0.0)

    log = Logger()

    async def round(self) -> None:
        """Asks about what is due, unless the gateway is left alone just now."""
        try:
            await self._count()
            for _ in range(BATCHES):
                if self._rails.resting:
                    return
                due = await self._payments.due(AT_ONCE, LEASE)
                if not due:
                    return
                await DeferredList(
                    [Deferred.fromCoroutine(self._one(one)) for one in due]
                )
        except Unavailable:
            self.log.warn("payments are asked about later: the database is away")

    async def _one(self, payment: PaymentId) -> None:
        try:
            await self._looking.look(payment)
        except Unavailable:
            self.log.warn("a payment is asked about later: the database is away")
        except Exception:  # one odd payment must not keep the others waiting
            self.log.failure("asking about payment {payment} broke", payment=payment)

    async def _count(self) -> None:
        if self._clock.seconds() >= self._count_at:
            self.figures = await self._payments.figures()
            self._count_at = self._clock.seconds() + COUNT_EVERY
            if self.figures.get("unclear"):
                self.log.error(
                    "{count} payments have been unknown for an hour",
                    count=self.figures["unclear"],
                )
