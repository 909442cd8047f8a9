"""Paynow's double, for tests: ``zimgpt.embedded.paynow`` with a clock of its own.

``Wire`` lets our client ask it without a socket, so that days pass in no time.
"""

from __future__ import annotations

from random import Random
from typing import Any, Final

import attrs
from treq.client import HTTPClient
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.interfaces import IDelayedCall, IProtocol, IReactorTime
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone, ResponseNeverReceived
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from zope.interface import implementer

from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups.money import Amount, Currency
from zimgpt.domain.topups.networks import Method
from zimgpt.domain.topups.states import Order
from zimgpt.embedded.paynow.book import Book, NothingThere
from zimgpt.embedded.paynow.callbacks import Post
from zimgpt.embedded.paynow.interface import Answer, Asked, Interface
from zimgpt.embedded.paynow.keeping import Shelf
from zimgpt.embedded.paynow.merchants import Merchant
from zimgpt.embedded.paynow.program import Gateway, listen
from zimgpt.embedded.paynow.transactions import Transaction
from zimgpt.embedded.paynow.troubles import Troubles
from zimgpt.flows.ports.payments import PaymentRequest
from zimgpt.outbound.paynow import Patience, Paynow
from zimgpt.wire.paynow.requests import Integration

__all__ = [
    "EMAIL",
    "EPOCH",
    "ID",
    "KEY",
    "Answer",
    "Asked",
    "Book",
    "Gateway",
    "Merchant",
    "Merchants",
    "NothingThere",
    "Transaction",
    "Troubles",
    "Wire",
    "client",
    "gateway",
    "listen",
    "request",
]

ID: Final = 1201
KEY: Final = "3e9fed89-60e1-4ce5-ab6e-6b1eb2d4f977"  # of Paynow's own examples
EMAIL: Final = "pay@example.org"
EPOCH: Final = 1_790_000_000.0
RESULT: Final = "http://127.0.0.1/webhooks/paynow"


@attrs.define
class Merchants:
    """A merchant that notes what it is told, and answers as it is told to."""

    codes: list[int] = attrs.Factory(list)
    """The next answers; 200 after them."""
    bodies: list[bytes] = attrs.Factory(list)
    urls: list[str] = attrs.Factory(list)

    async def post(self, url: str, body: bytes) -> int:
        """Takes a callback."""
        self.urls.append(url)
        self.bodies.append(body)
        return self.codes.pop(0) if self.codes else 200


def gateway(
    post: Post | None = None,
    clock: IReactorTime | None = None,
    *,
    seed: int = 1,
    test: bool = False,
    shelf: Shelf | None = None,
) -> Gateway:
    """A Paynow with one merchant, on a clock that the test advances."""
    merchant = Merchant(id=ID, key=KEY, email=EMAIL, test=test)
    made = Gateway(
        clock or Clock(),
        merchant,
        shelf=shelf,
        post=post or Merchants().post,
        dice=Random(seed),
        epoch=EPOCH if clock is None else 0.0,
    )
    made.resume()
    return made


def request(
    reference: str = "zg-1",
    method: Method = Method.ECOCASH,
    *,
    phone: str = "+263771234567",
    cents: int = 500,
    result_url: str = RESULT,
) -> PaymentRequest:
    """A payment to begin."""
    order = Order(
        id=reference,
        reference=reference,
        amount=Amount(cents, Currency.USD),
        tokens=Tokens(110_000),
        method=method,
    )
    return PaymentRequest(
        order=order,
        phone=Phone(phone) if method.by_phone else None,
        result_url=result_url,
        return_url="https://chat.example.org/payments",
        info="110 000 tokens",
    )


def client(
    http: HTTPClient,
    clock: IReactorTime,
    url: str,
    *,
    key: str = KEY,
    old_keys: tuple[str, ...] = (),
    patience: Patience | None = None,
) -> Paynow:
    """Our own client of it."""
    return Paynow(
        Currency.USD,
        url,
        Integration(ID, key),
        EMAIL,
        http,
        clock,
        old_keys,
        patience or Patience(),
    )


# ---- without a socket


@implementer(IAgent)
@attrs.define
class Wire:
    """Requests straight to a double, on its clock. ``cut``: nobody is reached."""

    interface: Interface
    clock: IReactorTime
    cut: bool = False

    def http(self) -> HTTPClient:
        """What our client is given."""
        return HTTPClient(self, data_to_body_producer=_Whole)

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,
    ) -> Deferred[IResponse]:
        """Asks."""
        answered: Deferred[IResponse] = Deferred(lambda _: _cancel(call))
        if self.cut:
            failed: Failure = Failure(Refused())
            call = self.clock.callLater(0, answered.errback, failed)
            return answered
        sort = (headers or Headers()).getRawHeaders("content-type", [""])[0]
        path, _, query = (
            uri.decode().partition("://")[2].partition("/")[2].partition("?")
        )
        body = bodyProducer.said if isinstance(bodyProducer, _Whole) else b""
        answer = self.interface.answer(Asked(method.decode(), path, query, sort, body))
        call = self.clock.callLater(answer.wait, _give, answered, answer)
        return answered


def _give(answered: Deferred[IResponse], answer: Answer) -> None:
    if answer.broken:
        answered.errback(ResponseNeverReceived([]))
    else:
        response: Any = _Response(answer.body, answer.code)
        answered.callback(response)


def _cancel(call: IDelayedCall) -> None:
    if call.active():
        call.cancel()


@attrs.define
class _Response:
    said: bytes
    code: int
    headers: Headers = attrs.Factory(Headers)

    def deliverBody(self, protocol: IProtocol) -> None:
        protocol.dataReceived(self.said)
        protocol.connectionLost(Failure(ResponseDone()))


@implementer(IBodyProducer)
class _Whole:
    """A body that is there at once."""

    def __init__(self, said: bytes) -> None:
        self.said = said
        self.length = len(said)

    def startProducing(self, consumer: Any) -> None:  # noqa: ANN401
        raise NotImplementedError

    def pauseProducing(self) -> None: ...
    def resumeProducing(self) -> None: ...
    def stopProducing(self) -> None: ...
