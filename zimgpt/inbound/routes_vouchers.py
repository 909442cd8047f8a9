"""``/api/v1/vouchers``: codes on paper become tokens."""

from __future__ import annotations

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.flows.redeeming import Redeeming
from zimgpt.inbound import bodies
from zimgpt.inbound.identity import Identity
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.replies import reply
from zimgpt.inbound.rooms import room, whole


class VoucherCode(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What stands on the paper."""

    code: str


class RedeemedVoucher(msgspec.Struct, frozen=True):
    """What it gave, what there is to spend now, and whether it was given before."""

    tokens: int
    available: int
    repeat: bool


CODE = msgspec.json.Decoder(VoucherCode)


@attrs.frozen
class VoucherRoutes:
    """The route of vouchers."""

    _redeeming: Redeeming
    _identity: Identity
    _gate: Gate
    router = room()

    @router.route("/api/v1/vouchers", methods=["POST"])
    @whole
    async def redeem_voucher(self, request: Request) -> bytes:
        """A voucher is redeemed."""
        session = await self._identity.session(request)
        given = bodies.read(request, CODE)
        self._gate.message(session.user)
        address = self._gate.address(request) or None
        done = await self._redeeming.redeem(session.user, address, given.code)
        shown = RedeemedVoucher(done.tokens, done.wallet.available, done.repeat)
        return reply(request, shown)
