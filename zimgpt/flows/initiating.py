"""Asking the gateway for the money, for the only time.

The row says *sent*, committed, before anything is asked, so whoever comes later can
only ask what became of it. What runs here outlives whoever asked for it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import attrs
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from zimgpt.domain.errors import Refusal, Unavailable
from zimgpt.domain.topups.acts import Initiate
from zimgpt.domain.topups.events import Accepted, Begin, Event, Refused, Unheard
from zimgpt.domain.topups.states import Reason
from zimgpt.flows.looking import Looking
from zimgpt.flows.ports.payments import (
    Declined,
    NotSent,
    Opened,
    PaymentRequest,
    Prompt,
)
from zimgpt.flows.ports.payments import Unheard as NoAnswer
from zimgpt.flows.ports.topups import Evidence, Kept, PaymentId, Source
from zimgpt.flows.rails import Rails
from zimgpt.flows.settling import Settling


@attrs.frozen
class Addresses:
    """Where the gateway tells of changes, and where people come back to."""

    result: Callable[[Kept], str]
    comeback: Callable[[Kept], str]


@attrs.define
class Initiating:
    """``running`` are requests under way, which a node that stops waits for."""

    _rails: Rails
    _settling: Settling
    _looking: Looking
    _addresses: Addresses
    running: int = attrs.field(init=False, default=0)

    log = Logger()

    async def begin(self, payment: PaymentId) -> None:
        """Commits that the gateway is about to be asked, and has it asked behind our
        back; if somebody else has, nothing. Raises Unavailable."""
        begun = await self._settling.settle(payment, Begin())
        if any(isinstance(act, Initiate) for act in begun.acts):
            self.behind(self._initiate(begun.before))

    def behind(self, work: Coroutine[Any, Any, None]) -> None:
        """Goes on by itself."""
        self.running += 1
        Deferred.fromCoroutine(self._door(work))

    async def _door(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Unavailable:
            self.log.warn("the database is away: the payment is asked about later")
        except Exception:
            self.log.failure("a payment's request broke; it is asked about later")
        finally:
            self.running -= 1

    async def _initiate(self, kept: Kept) -> None:
        event, prompt, evidence = await self._asked(kept)
        told = await self._settling.settle(
            kept.id, event, lambda _: evidence, prompt=prompt
        )
        if isinstance(event, Accepted) and told.before.hinted:
            await self._looking.look(kept.id)  # news were quicker than the answer

    async def _asked(self, kept: Kept) -> tuple[Event, Prompt | None, Evidence]:
        order = kept.topup.order
        request = PaymentRequest(
            order=order,
            phone=kept.phone,
            result_url=self._addresses.result(kept),
            return_url=self._addresses.comeback(kept),
            info=f"{order.tokens} tokens",
        )
        try:
            opened = await self._rails.rail(order.amount.currency).initiate(request)
        except Declined as no:
            return Refused(no.reason), None, _said(str(no) or no.reason.value)
        except (NotSent, Refusal) as lost:
            return Refused(Reason.NOT_SENT), None, _said(type(lost).__name__)
        except NoAnswer as silence:
            return Unheard(), None, _said(str(silence))
        return Accepted(opened.place), opened.prompt, _opened(opened)


def _said(words: str) -> Evidence:
    return Evidence(source=Source.ANSWER, word=words[:300])


def _opened(opened: Opened) -> Evidence:
    return Evidence(
        source=Source.ANSWER,
        word="Ok",
        gateway_reference=opened.place.gateway_reference,
        body=opened.body,
    )
