"""``/admin/api/payments``: payments, their evidence, and what is decided on them."""

from __future__ import annotations

from typing import Final

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.domain import phones
from zimgpt.domain.errors import NotFound
from zimgpt.domain.topups.events import Approved, Dismissed, Reinstated
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.states import Stage
from zimgpt.flows.ports.back_office import By, Decided, PaymentDesk, Wanted
from zimgpt.inbound import bodies
from zimgpt.inbound.admin.identity import AdminIdentity
from zimgpt.inbound.admin.replies import PAGE, WHY, Key, Reason, TokenCount, told
from zimgpt.inbound.rooms import room, whole

DECISIONS: Final[dict[str, Decided]] = {
    "approve": Approved,
    "reinstate": Reinstated,
    "dismiss": Dismissed,
}


class PaymentsQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which of them; what is left out may be any."""

    state: Stage | None = None
    currency: Currency | None = None
    phone: str | None = None
    before: str | None = None


class Correction(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Tokens by hand; ``key`` is the form's own: twice sent is once done."""

    tokens: TokenCount
    key: Key
    reason: Reason


CORRECTION = msgspec.json.Decoder(Correction)


@attrs.frozen
class AdminPaymentRoutes:
    """Routes of payments."""

    _payments: PaymentDesk
    _identity: AdminIdentity
    router = room()

    @router.route("/admin/api/payments", methods=["GET"])
    @whole
    async def listed(self, request: Request) -> bytes:
        """Some of them."""
        await self._identity.operator(request)
        asked = bodies.query(request, PaymentsQuery)
        wanted = Wanted(
            state=asked.state,
            currency=asked.currency,
            phone=None if asked.phone is None else phones.parse(asked.phone),
            before=None if asked.before is None else bodies.identifier(asked.before),
        )
        return told(request, {"payments": await self._payments.listed(wanted, PAGE)})

    @router.route("/admin/api/payments/queue", methods=["GET"])
    @whole
    async def queue(self, request: Request) -> bytes:
        """What needs a person."""
        await self._identity.operator(request)
        return told(request, {"payments": await self._payments.queue()})

    @router.route("/admin/api/payments/<payment>", methods=["GET"])
    @whole
    async def shown(self, request: Request, payment: str) -> bytes:
        """One of them."""
        await self._identity.operator(request)
        return told(request, await self._payments.shown(payment))

    @router.route("/admin/api/payments/<payment>/check", methods=["POST"])
    @whole
    async def check(self, request: Request, payment: str) -> bytes:
        """Has the gateway asked."""
        by = await self._by(request)
        await self._payments.check(payment, by)
        return told(request, {})

    @router.route("/admin/api/payments/<payment>/credit", methods=["POST"])
    @whole
    async def credit(self, request: Request, payment: str) -> bytes:
        """Gives tokens by hand."""
        return await self._correct(request, payment, 1)

    @router.route("/admin/api/payments/<payment>/refund", methods=["POST"])
    @whole
    async def refund(self, request: Request, payment: str) -> bytes:
        """Takes tokens by hand."""
        return await self._correct(request, payment, -1)

    @router.route("/admin/api/payments/<payment>/<decision>", methods=["POST"])
    @whole
    async def decide(self, request: Request, payment: str, decision: str) -> bytes:
        """Approves, reinstates or dismisses one."""
        by = await self._by(request)
        if decision not in DECISIONS:
            raise NotFound
        state = await self._payments.decide(payment, DECISIONS[decision], by)
        return told(request, {"state": state})

    async def _correct(self, request: Request, payment: str, sign: int) -> bytes:
        operator = await self._identity.operator(request)
        wish = bodies.read(request, CORRECTION)
        by = By(operator.name, wish.reason)
        made = await self._payments.correct(payment, sign * wish.tokens, wish.key, by)
        return told(request, made)

    async def _by(self, request: Request) -> By:
        operator = await self._identity.operator(request)
        return By(operator.name, bodies.read(request, WHY).reason)
