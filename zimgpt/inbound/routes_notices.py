"""``/api/v1/notices``: what the operator has to say to everybody just now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.inbound.replies import reply
from zimgpt.inbound.rooms import room, whole


@attrs.frozen
class Said:
    """Words of the operator, by language, and until when they hold."""

    id: str
    texts: Mapping[str, str]
    until: datetime


class Board(Protocol):
    """Knows what is said now."""

    async def notices(self) -> Sequence[Said]:
        """The latest first; raises Unavailable."""
        ...


class Notice(msgspec.Struct, frozen=True):
    """One of them; whoever has read it remembers its id, and hides it."""

    id: str
    texts: dict[str, str]
    until: datetime


class Notices(msgspec.Struct, frozen=True):
    """All of them."""

    notices: list[Notice]


@attrs.frozen
class NoticeRoutes:
    """A route that needs no session."""

    _board: Board
    router = room()

    @router.route("/api/v1/notices", methods=["GET"])
    @whole
    async def notices(self, request: Request) -> bytes:
        """What is said now."""
        said = await self._board.notices()
        shown = [Notice(one.id, dict(one.texts), one.until) for one in said]
        return reply(request, Notices(shown))
