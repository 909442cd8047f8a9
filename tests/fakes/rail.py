"""A payment gateway in memory: what it is told to say, it says."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import attrs
from twisted.internet.defer import Deferred

from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.networks import Method
from zimgpt.domain.topups.news import News, Status
from zimgpt.domain.topups.states import Order, Place
from zimgpt.flows.ports.payments import (
    Approve,
    EnterCode,
    Hint,
    NotGenuine,
    Opened,
    PayCode,
    PaymentRequest,
    Prompt,
    Traced,
    Unheard,
    Visit,
    WrongCode,
)

RIGHT_CODE = "123456"


@attrs.define
class Transaction:
    """What the gateway knows of a payment."""

    order: Order
    place: Place
    status: Status = Status.PENDING
    minor: int | None = None

    @property
    def news(self) -> News:
        """As it is told."""
        minor = self.order.amount.minor if self.minor is None else self.minor
        word = self.status.value.capitalize()
        return News(
            reference=self.order.reference,
            gateway_reference=self.place.gateway_reference,
            minor=minor,
            status=self.status,
            word=word,
            body=f"status={word}&paynowreference={self.place.gateway_reference}".encode(),
        )


@attrs.define
class MemoryRail:
    """``ports.payments.Rail``. What is in ``trouble`` is raised instead of answering;
    ``lost`` makes the answers to requests be lost, after they were heard; while
    ``held`` is a list, who initiates waits in it."""

    currency: Currency = Currency.USD
    trouble: list[Exception] = attrs.field(factory=list)
    lost: bool = False
    held: list[Deferred[None]] | None = None
    begun: list[PaymentRequest] = attrs.field(factory=list)
    asked: list[str] = attrs.field(factory=list)
    known: dict[str, Transaction] = attrs.field(factory=dict)
    _numbers: Callable[[], int] = attrs.field(
        factory=lambda: count(36_225_925).__next__
    )

    @property
    def only(self) -> Transaction:
        """The one that there is."""
        [found] = self.known.values()
        return found

    async def initiate(self, request: PaymentRequest) -> Opened:
        """Begins one."""
        self._troubled()
        self.begun.append(request)
        number = self._numbers()
        code = f"https://gateway/otp/{number}"
        place = Place(
            poll=f"https://gateway/poll/{number}",
            gateway_reference=str(number),
            code=code if request.order.method is Method.OMARI else "",
        )
        self.known[place.poll] = Transaction(request.order, place)
        if self.held is not None:
            waits: Deferred[None] = Deferred()
            self.held.append(waits)
            await waits
        if self.lost:
            raise Unheard("nothing came for 30 s")
        return Opened(place, _prompt(request.order.method), b"status=Ok")

    async def poll(self, place: Place) -> News:
        """How it stands."""
        self.asked.append("poll")
        self._troubled()
        return self.known[place.poll].news

    async def trace(self, reference: str) -> Traced | None:
        """Looks for it."""
        self.asked.append("trace")
        self._troubled()
        for one in self.known.values():
            if one.order.reference == reference:
                return Traced(one.news, one.place)
        return None

    async def submit_code(self, place: Place, code: str) -> News:
        """Takes one code."""
        self._troubled()
        if code != RIGHT_CODE:
            raise WrongCode
        self.known[place.poll].status = Status.PAID
        return self.known[place.poll].news

    def parse_callback(self, body: bytes) -> Hint:
        """Whatever begins with ``signed`` is."""
        if not body.startswith(b"signed"):
            raise NotGenuine("mismatch")
        return Hint(body.decode()[7:], Status.PAID, "Paid", 50)

    def _troubled(self) -> None:
        if self.trouble:
            raise self.trouble.pop(0)


def _prompt(method: Method) -> Prompt:
    match method:
        case Method.INNBUCKS:
            return PayCode("12345678", "25-Nov-2026 17:10", ("innbucks://12345678",))
        case Method.OMARI:
            return EnterCode("AB12")
        case Method.WEB:
            return Visit("https://gateway/pay")
        case _:
            return Approve("Dial *151# and enter your PIN")
