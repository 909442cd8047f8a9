"""Paynow: EcoCash, OneMoney, InnBucks, O'mari and cards, in one currency.

A payment has no idempotency key there: asked for twice, it can be paid twice. So what
went wrong before anything was sent is told apart from silence after it, and after
silence the payment is traced, never begun again.
"""

from __future__ import annotations

from typing import Any, Final, cast

import attrs
from treq.client import HTTPClient
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.networks import Method, national
from zimgpt.domain.topups.news import News
from zimgpt.domain.topups.states import Place, Reason
from zimgpt.flows.ports import payments as port
from zimgpt.outbound.bodies import Body, BodyLost
from zimgpt.outbound.connections import Connections
from zimgpt.wire.paynow import callbacks, forms, replies, requests
from zimgpt.wire.paynow.addresses import StrangeAddress, own
from zimgpt.wire.paynow.replies import GatewayRefusal, Ours, UnclearReply
from zimgpt.wire.paynow.requests import Integration, Payment

GATEWAY: Final = "https://www.paynow.co.zw"


@attrs.frozen
class Patience:
    """Seconds for a whole answer. A wallet may take its time to show its prompt."""

    initiate: float = 30.0
    other: float = 15.0


@attrs.frozen
class Paynow:
    """One integration at ``url``, the gateway or its double.

    ``old_keys`` are still believed, while a new key is taking over. ``email`` goes with
    every payment; in test mode it must be the merchant's own.
    """

    currency: Currency
    _url: str
    _us: Integration
    _email: str
    _http: HTTPClient = attrs.field(repr=False)
    _clock: IReactorTime = attrs.field(repr=False)
    _old_keys: tuple[str, ...] = attrs.field(default=(), repr=False)
    _patience: Patience = attrs.field(factory=Patience)

    log = Logger()

    async def initiate(self, request: port.PaymentRequest) -> port.Opened:
        """Begins a payment, once; raises NotSent, Declined or Unheard."""
        if request.order.amount.currency is not self.currency:
            raise port.Declined(Reason.OUR_FAULT, "This rail takes another currency.")
        payment = self._payment(request)
        body = requests.initiate(payment, self._us)
        url = self._url + requests.path(payment)
        answer = await self._post(url, body, self._patience.initiate)
        try:
            opened = replies.opened(answer, self._ours)
        except GatewayRefusal as refusal:
            raise self._declined(refusal) from None
        except UnclearReply as unclear:
            raise self._unclear(unclear) from None
        return port.Opened(opened.place, _prompt(payment.method, opened), answer)

    async def poll(self, place: Place) -> News:
        """How it stands; raises Unheard, which changes nothing."""
        return await self._standing(place.poll, b"")

    async def trace(self, reference: str) -> port.Traced | None:
        """Looks for it by our reference; raises Unheard."""
        body = requests.trace(reference, self._us)
        try:
            answer = await self._post(
                self._url + requests.TRACE, body, self._patience.other
            )
            found = replies.traced(answer, self._ours)
        except port.NotSent as lost:
            raise port.Unheard(str(lost)) from None
        except UnclearReply as unclear:
            raise self._unclear(unclear) from None
        return None if found is None else port.Traced(*found)

    async def submit_code(self, place: Place, code: str) -> News:
        """Hands in the code; raises NotSent, WrongCode, Declined or Unheard."""
        if not place.code:
            raise port.Declined(Reason.OUR_FAULT, "No code is awaited.")
        if not requests.plausible(code):
            raise port.WrongCode
        body = requests.code(code, self._us)
        answer = await self._post(self._own(place.code), body, self._patience.other)
        try:
            return replies.standing(answer, self._keys)
        except GatewayRefusal as refusal:
            if "otp" in refusal.sentence.lower():
                raise port.WrongCode from None
            raise self._declined(refusal) from None
        except UnclearReply as unclear:
            raise self._unclear(unclear) from None

    def parse_callback(self, body: bytes) -> port.Hint:
        """What a call is worth; raises NotGenuine."""
        try:
            hint = callbacks.parse(body, self._keys)
        except callbacks.NotGenuine as false:
            raise port.NotGenuine(false.verdict.value) from None
        return port.Hint(hint.reference, hint.status, hint.word, hint.minor)

    # ---- one question

    async def _standing(self, url: str, body: bytes) -> News:
        try:
            answer = await self._post(self._own(url), body, self._patience.other)
            return replies.standing(answer, self._keys)
        except port.NotSent as lost:
            raise port.Unheard(str(lost)) from None
        except GatewayRefusal as refusal:
            raise port.Unheard(refusal.reason.value) from None
        except UnclearReply as unclear:
            raise self._unclear(unclear) from None

    async def _post(self, url: str, body: bytes, seconds: float) -> bytes:
        """A whole answer in time; raises NotSent or Unheard."""
        began = self._clock.seconds()
        response = await self._request(url, body, seconds)
        collected = Body(forms.MOST)
        response.deliverBody(collected)
        left = max(seconds - (self._clock.seconds() - began), 0.1)
        try:
            answer = await collected.read.addTimeout(left, self._clock, _silence)
        except BodyLost as lost:
            raise port.Unheard(str(lost)) from None
        if response.code != 200:
            raise port.Unheard(f"status {response.code}")
        return answer

    async def _request(self, url: str, body: bytes, seconds: float) -> IResponse:
        request = self._http.request(
            "POST",
            url,
            headers=Headers(
                {"Content-Type": [requests.TYPE], "User-Agent": ["ZimGPT"]}
            ),
            data=body,
            allow_redirects=False,
            unbuffered=True,
            reactor=cast(Any, self._clock),  # or it would import the global one
        )
        request.addTimeout(seconds, self._clock, _silence)
        try:
            return await request
        except (port.Unheard, CancelledError):
            raise
        except (ConnectError, DNSLookupError) as error:
            raise port.NotSent(type(error).__name__) from None
        except Exception as error:  # whatever else the network and TLS have in store
            raise port.Unheard(type(error).__name__) from None

    def _payment(self, request: port.PaymentRequest) -> Payment:
        try:
            return Payment(
                reference=request.order.reference,
                cents=request.order.amount.minor,
                method=request.order.method,
                email=self._email,
                result_url=request.result_url,
                return_url=request.return_url,
                phone=national(request.phone) if request.phone else "",
                info=request.info,
            )
        except ValueError as error:
            raise port.Declined(Reason.OUR_FAULT, str(error)) from error

    def _own(self, url: str) -> str:
        """Also what is stored is asked only if it is the gateway's own."""
        try:
            return own(url, self._url)
        except StrangeAddress:
            raise port.Unheard("the address is not the gateway's own") from None

    def _declined(self, refusal: GatewayRefusal) -> port.Declined:
        self.log.info("the gateway declined: {reason}", reason=refusal.reason.value)
        return port.Declined(refusal.reason, self._discreet(refusal.sentence))

    def _unclear(self, unclear: UnclearReply) -> port.Unheard:
        self.log.warn("the gateway's answer is unclear: {why}", why=str(unclear))
        return port.Unheard(str(unclear))

    def _discreet(self, sentence: str) -> str:
        return sentence.replace(self._us.key, "(key)") if self._us.key else sentence

    @property
    def _keys(self) -> tuple[str, ...]:
        return (self._us.key, *self._old_keys)

    @property
    def _ours(self) -> Ours:
        return Ours(self._keys, self._url)


def make_paynow(
    currency: Currency,
    integration: Integration,
    email: str,
    connections: Connections,
    clock: IReactorTime,
    *,
    url: str = GATEWAY,
    old_keys: tuple[str, ...] = (),
) -> Paynow:
    """The integration as it is configured."""
    return Paynow(
        currency,
        url.rstrip("/"),
        integration,
        email,
        connections.fresh,
        clock,
        old_keys,
    )


def _prompt(method: Method, opened: replies.Opened) -> port.Prompt:
    """What the person is to do; raises Unheard if the answer does not tell them."""
    match method:
        case Method.WEB if opened.browser:
            return port.Visit(opened.browser)
        case Method.INNBUCKS if opened.code:
            links = replies.links(opened.code)
            return port.PayCode(opened.code, opened.expires, links)
        case Method.OMARI if opened.place.code:
            return port.EnterCode(opened.code_reference)
        case Method.ECOCASH | Method.ONEMONEY:
            return port.Approve(opened.instructions)
        case _:
            raise port.Unheard("the answer does not say how to pay")


def _silence(_: object, seconds: float) -> Any:  # noqa: ANN401 - never returns
    raise port.Unheard(f"nothing came for {seconds:g} s")
