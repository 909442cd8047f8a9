"""``/admin/api/vouchers``: batches of printed codes, which are told once."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import attrs
import msgspec
from msgspec import Meta
from twisted.web.server import Request

from zimgpt.domain.settable import LABEL, MOST_CODES, MOST_DAYS, MOST_TOKENS
from zimgpt.flows.ports.back_office import By
from zimgpt.flows.ports.shop import Batches
from zimgpt.flows.printing import Printing
from zimgpt.inbound import bodies
from zimgpt.inbound.admin.identity import AdminIdentity
from zimgpt.inbound.admin.replies import WHY, Reason, told
from zimgpt.inbound.rooms import room, whole


class NewBatch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """So many vouchers of so many tokens each, good for so many days."""

    batch: Annotated[str, Meta(pattern=f"^{LABEL.pattern}$")]
    count: Annotated[int, Meta(ge=1, le=MOST_CODES)]
    tokens: Annotated[int, Meta(ge=1, le=MOST_TOKENS)]
    days: Annotated[int, Meta(ge=1, le=MOST_DAYS)]
    reason: Reason


BATCH = msgspec.json.Decoder(NewBatch)


@attrs.frozen
class BatchRoutes:
    """Routes of batches."""

    _batches: Batches
    _printing: Printing
    _identity: AdminIdentity
    router = room()

    @router.route("/admin/api/vouchers", methods=["GET"])
    @whole
    async def batches(self, request: Request) -> bytes:
        """All of them."""
        await self._identity.operator(request)
        return told(request, {"batches": await self._batches.list()})

    @router.route("/admin/api/vouchers", methods=["POST"])
    @whole
    async def make(self, request: Request) -> bytes:
        """A new batch, with its codes: nobody can show them again."""
        operator = await self._identity.operator(request)
        new = bodies.read(request, BATCH)
        codes = await self._printing.make(
            new.batch,
            new.count,
            new.tokens,
            timedelta(days=new.days),
            By(operator.name, new.reason),
        )
        return told(request, {"batch": new.batch, "codes": codes})

    @router.route("/admin/api/vouchers/<batch>/revoke", methods=["POST"])
    @whole
    async def revoke(self, request: Request, batch: str) -> bytes:
        """Nobody redeems what is left of one."""
        operator = await self._identity.operator(request)
        by = By(operator.name, bodies.read(request, WHY).reason)
        return told(request, {"changed": await self._batches.revoke(batch, by)})
