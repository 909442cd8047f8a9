"""``/webhooks/paynow``: where the gateway tells that something has happened.

What is signed is answered 200 as soon as it is kept, whatever it is about, and the work
goes on after that. What is not signed with our key gets a 400, so that it comes again:
our own key may just be late. While the database is away it gets a 503, for the same.
"""

from __future__ import annotations

import attrs
from twisted.web.server import Request

from zimgpt.domain.errors import NotFound
from zimgpt.domain.topups.money import Currency
from zimgpt.flows.callbacks import Callbacks
from zimgpt.flows.ports.topups import PaymentId
from zimgpt.inbound import bodies
from zimgpt.inbound.refusals import NotGateway
from zimgpt.inbound.rooms import room, whole


@attrs.frozen
class PaynowRoutes:
    """The one request that the gateway makes."""

    _callbacks: Callbacks
    router = room()

    @router.route("/webhooks/paynow/<currency>/<payment>", methods=["POST"])
    @whole
    async def hear(self, request: Request, currency: str, payment: str) -> bytes:
        """Keeps what is told of a payment, at the payment's own address."""
        if currency not in {one.value.lower() for one in Currency}:
            raise NotFound
        id = PaymentId(bodies.identifier(payment))
        assert request.content is not None  # the server reads it before it asks us
        body = request.content.read()
        if not await self._callbacks.hear(Currency(currency.upper()), id, body):
            raise NotGateway
        return b""
