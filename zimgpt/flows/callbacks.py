"""What the gateway posts to us, if it is the gateway: never more than a reason to ask.

A good signature is not enough to believe an amount, so nothing in a call is used but
that it came. It is kept, as evidence; then the gateway is asked, at the address that it
gave us when the payment was begun.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Final

import attrs
from twisted.logger import Logger

from zimgpt.domain.topups.money import Currency
from zimgpt.flows.initiating import Initiating
from zimgpt.flows.looking import Looking
from zimgpt.flows.ports.payments import NotGenuine
from zimgpt.flows.ports.topups import Evidence, Heard, PaymentId, Payments, Source
from zimgpt.flows.rails import Rails

LEASE: Final = timedelta(seconds=20)
"""For one question: longer than an answer may take."""


@attrs.define
class Callbacks:
    """Calls are counted in ``heard`` by what they were worth."""

    _payments: Payments
    _rails: Rails
    _looking: Looking
    _initiating: Initiating
    heard: Counter[str] = attrs.field(init=False, factory=Counter)

    log = Logger()

    async def hear(self, currency: Currency, payment: PaymentId, body: bytes) -> bool:
        """Keeps a call and has the gateway asked afterwards; False if it was not signed
        with our key. Raises Unavailable and CurrencyOff."""
        rail = self._rails.rail(currency)
        try:
            hint = rail.parse_callback(body)
        except NotGenuine as false:
            self.heard[false.verdict] += 1
            self.log.warn(
                "a call about payment {payment} is not genuine: {verdict}",
                payment=payment,
                verdict=false.verdict,
            )
            await self._keep(currency, payment, _forged(false.verdict, body))
            return False
        seen = Evidence(source=Source.US, word=hint.word, minor=hint.minor, body=body)
        kept = await self._keep(currency, payment, seen)
        self.heard["unknown" if kept is Heard.UNKNOWN else "ok"] += 1
        if kept is Heard.ASK:
            self._initiating.behind(self._looking.look(payment))
        return True

    async def _keep(
        self, currency: Currency, payment: PaymentId, seen: Evidence
    ) -> Heard:
        return await self._payments.hear(payment, currency, seen, LEASE)


def _forged(verdict: str, body: bytes) -> Evidence:
    return Evidence(source=Source.US, word=verdict, genuine=False, body=body)
