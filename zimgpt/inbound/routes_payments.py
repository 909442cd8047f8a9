"""``/api/v1/packages`` and ``/api/v1/payments``: buying tokens."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated, Final

import attrs
import msgspec
import segno
from twisted.web.server import Request

from zimgpt.domain.accounts import Session
from zimgpt.domain.errors import NotFound
from zimgpt.domain.phones import Phone, parse
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.networks import Method, payer
from zimgpt.domain.topups.packages import Deal
from zimgpt.flows.paying import Recipients
from zimgpt.flows.ports.payments import PayCode
from zimgpt.flows.ports.topups import Kept, PaymentId
from zimgpt.flows.topping_up import PAGE, ToppingUp, Wish
from zimgpt.inbound import bodies
from zimgpt.inbound.identity import Identity
from zimgpt.inbound.languages import language
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.payment_views import fields
from zimgpt.inbound.replies import reply
from zimgpt.inbound.rooms import room, whole
from zimgpt.wire import payments as wire

LONGEST_WAIT: Final = 25


class PayMethod(msgspec.Struct, frozen=True):
    """A way of paying; ``phone`` says whether it needs the number of a wallet."""

    id: Method
    phone: bool


class PackagePrice(msgspec.Struct, frozen=True):
    """Whole cents of a currency, and the same as people write it."""

    currency: Currency
    amount: int
    price: str


class PackageOffer(msgspec.Struct, frozen=True):
    """So many tokens, for a price in each currency."""

    id: str
    tokens: int
    prices: list[PackagePrice]


class PackageList(msgspec.Struct, frozen=True):
    """What is sold, and how it can be paid; all empty where nothing is sold."""

    currencies: list[Currency]
    methods: list[PayMethod]
    packages: list[PackageOffer]


class PaymentWish(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A payment to begin; ``id`` is the client's own, and makes repeats harmless."""

    id: str
    package: str
    currency: Currency = Currency.USD
    amount: int | None = None
    method: Method | None = None
    phone: str | None = None
    beneficiary: str | None = None


class Payment(wire.PaymentFields, frozen=True, omit_defaults=True):
    """A payment."""


class PaymentList(msgspec.Struct, frozen=True):
    """A page, latest first."""

    payments: list[Payment]


class PaymentCode(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the wallet sent to the person."""

    code: str


class PaymentsQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``before`` is the last payment of the page before."""

    before: str | None = None
    limit: int = PAGE


class PaymentPosition(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The version that the asker has, and the seconds it will wait for a later one."""

    version: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] = 0
    wait: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_WAIT)] = 0.0


WISH = msgspec.json.Decoder(PaymentWish)
CODE = msgspec.json.Decoder(PaymentCode)


@attrs.frozen
class PaymentRoutes:
    """Routes of packages and payments."""

    _topping_up: ToppingUp
    _identity: Identity
    _gate: Gate
    _recipients: Recipients
    router = room()

    @router.route("/api/v1/packages", methods=["GET"])
    @whole
    async def packages(self, request: Request) -> bytes:
        """What is sold."""
        offers = await self._topping_up.offers()
        methods = [PayMethod(one, one.by_phone) for one in offers.methods]
        packages = [_offer(deals) for deals in offers.deals if deals]
        return reply(request, PackageList(list(offers.currencies), methods, packages))

    @router.route("/api/v1/payments", methods=["POST"])
    @whole
    async def begin_payment(self, request: Request) -> bytes:
        """A payment is kept, and the gateway asked for it."""
        session = await self._identity.session(request)
        wish = bodies.read(request, WISH)
        self._gate.payment(session.user)
        wanted = _wish(wish, session)
        if wish.beneficiary is not None:
            given = await self._recipients.recipient(parse(wish.beneficiary))
            wanted = attrs.evolve(wanted, beneficiary=given)
        kept = await self._topping_up.start(session.user, wanted)
        request.setHeader(b"Location", f"/api/v1/payments/{kept.id}".encode())
        return reply(request, _shown(request, session, kept), status=202)

    @router.route("/api/v1/payments", methods=["GET"])
    @whole
    async def payments(self, request: Request) -> bytes:
        """A page of the asker's payments."""
        session = await self._identity.session(request)
        asked = bodies.query(request, PaymentsQuery)
        before = None if asked.before is None else _id(asked.before)
        found = await self._topping_up.list(session.user, before, asked.limit)
        shown = [_shown(request, session, one) for one in found]
        return reply(request, PaymentList(shown))

    @router.route("/api/v1/payments/<payment>", methods=["GET"])
    @whole
    async def read_payment(self, request: Request, payment: str) -> bytes:
        """One of them, waiting for a later version if asked to."""
        session = await self._identity.session(request)
        asked = bodies.query(request, PaymentPosition)
        kept = await self._topping_up.read(
            session.user, _id(payment), version=asked.version, wait=asked.wait
        )
        return reply(request, _shown(request, session, kept))

    @router.route("/api/v1/payments/<payment>/check", methods=["POST"])
    @whole
    async def check_payment(self, request: Request, payment: str) -> bytes:
        """The gateway is asked at once."""
        session = await self._identity.session(request)
        self._gate.message(session.user)
        kept = await self._topping_up.check(session.user, _id(payment))
        return reply(request, _shown(request, session, kept))

    @router.route("/api/v1/payments/<payment>/code", methods=["POST"])
    @whole
    async def submit_code(self, request: Request, payment: str) -> bytes:
        """A code is handed in."""
        session = await self._identity.session(request)
        given = bodies.read(request, CODE)
        self._gate.message(session.user)
        kept = await self._topping_up.submit_code(
            session.user, _id(payment), given.code
        )
        return reply(request, _shown(request, session, kept))

    @router.route("/api/v1/payments/<payment>/qr.svg", methods=["GET"])
    @whole
    async def picture(self, request: Request, payment: str) -> bytes:
        """The picture of a code."""
        session = await self._identity.session(request)
        kept = await self._topping_up.read(session.user, _id(payment))
        if kept.payer != session.user or not isinstance(kept.prompt, PayCode):
            raise NotFound
        drawn = BytesIO()
        segno.make(kept.prompt.code, micro=False).save(
            drawn, kind="svg", scale=8, border=4, xmldecl=False, light="#fff"
        )
        request.setHeader(b"Content-Type", b"image/svg+xml")
        request.setHeader(b"Cache-Control", b"private, no-store")
        return drawn.getvalue()


def _wish(wish: PaymentWish, session: Session) -> Wish:
    """Whose wallet pays is the person's own, if they do not say; raises what a number
    can be refused for."""
    phone: Phone | None = session.phone or None
    if wish.phone is not None and wish.method is not Method.WEB:
        phone = payer(wish.phone)
    return Wish(
        client_id=wish.id,
        package=wish.package,
        currency=wish.currency,
        phone=phone,
        method=wish.method,
        cents=wish.amount,
    )


def _offer(deals: tuple[Deal, ...]) -> PackageOffer:
    prices = [
        PackagePrice(one.amount.currency, one.amount.minor, str(one.amount))
        for one in deals
    ]
    return PackageOffer(deals[0].package, deals[0].tokens, prices)


def _shown(request: Request, session: Session, kept: Kept) -> Payment:
    return Payment(**fields(kept, session.user, language(request)))


def _id(text: str) -> PaymentId:
    return PaymentId(bodies.identifier(text))
