"""``/admin/api/figures``: what a day, a week or a month was, for charts."""

from __future__ import annotations

from typing import Protocol

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.domain.figures import Figures
from zimgpt.domain.stretches import Span
from zimgpt.inbound import bodies
from zimgpt.inbound.admin.identity import AdminIdentity
from zimgpt.inbound.admin.replies import told
from zimgpt.inbound.rooms import room, whole


class Picturing(Protocol):
    """What is asked of ``flows.picturing``."""

    async def figures(self, span: Span, day: str) -> Figures:
        """Those of the stretch with that day; raises BadRequest."""
        ...


class Wanted(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which stretch: the one with this day, today's if it is not said."""

    span: Span = Span.DAY
    day: str = ""


@attrs.frozen
class FigureRoutes:
    """The route of figures."""

    _picturing: Picturing
    _identity: AdminIdentity
    router = room()

    @router.route("/admin/api/figures", methods=["GET"])
    @whole
    async def figures(self, request: Request) -> bytes:
        """Lines of numbers, one for each moment."""
        await self._identity.operator(request)
        wanted = bodies.query(request, Wanted)
        figures = await self._picturing.figures(wanted.span, wanted.day)
        stretch = figures.stretch
        lines = attrs.asdict(figures, filter=lambda field, _: field.name != "stretch")
        told_of = {
            "span": stretch.span,
            "first": stretch.first,
            "next": stretch.next,
            "previous": stretch.previous,
            "moments": stretch.moments,
        }
        return told(request, told_of | lines)
