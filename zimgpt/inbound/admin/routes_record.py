"""``/admin/api/acts``: what operators did, who it was, and why."""

from __future__ import annotations

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.flows.ports.back_office import Record
from zimgpt.inbound import bodies
from zimgpt.inbound.admin.identity import AdminIdentity
from zimgpt.inbound.admin.replies import PAGE, told
from zimgpt.inbound.rooms import room, whole


class ActsQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Acts before the one with this id."""

    before: int | None = None


@attrs.frozen
class RecordRoutes:
    """A route that only reads."""

    _record: Record
    _identity: AdminIdentity
    router = room()

    @router.route("/admin/api/acts", methods=["GET"])
    @whole
    async def acts(self, request: Request) -> bytes:
        """A page of them."""
        await self._identity.operator(request)
        asked = bodies.query(request, ActsQuery)
        return told(request, {"acts": await self._record.acts(asked.before, PAGE)})
