"""``/admin/api/broadcasts``: words to everybody, once each."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import attrs
import msgspec
from msgspec import Meta
from twisted.web.server import Request

from zimgpt.domain.errors import BadRequest
from zimgpt.domain.settable import AT_ONCE, LABEL, LONGEST, MOST_HOURS
from zimgpt.flows.ports.back_office import By
from zimgpt.flows.ports.works import Broadcast, Broadcasts
from zimgpt.inbound import bodies
from zimgpt.inbound.admin.identity import AdminIdentity
from zimgpt.inbound.admin.replies import Reason, told
from zimgpt.inbound.rooms import room, whole

Words = Annotated[str, Meta(max_length=LONGEST)]


class NewBroadcast(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is said, where, and how long it is shown and worth sending; who reads a
    language without words of its own reads English."""

    id: Annotated[str, Meta(pattern=f"^{LABEL.pattern}$")]
    en: Words
    reason: Reason
    sn: Words = ""
    nd: Words = ""
    whatsapp: bool = True
    web: bool = True
    hours: Annotated[int, Meta(ge=1, le=MOST_HOURS)] = 24


BROADCAST = msgspec.json.Decoder(NewBroadcast)


@attrs.frozen
class BroadcastRoutes:
    """Routes of broadcasts."""

    _broadcasts: Broadcasts
    _identity: AdminIdentity
    router = room()

    @router.route("/admin/api/broadcasts", methods=["GET"])
    @whole
    async def broadcasts(self, request: Request) -> bytes:
        """The latest, and how far each has come."""
        await self._identity.operator(request)
        return told(request, {"broadcasts": await self._broadcasts.list()})

    @router.route("/admin/api/broadcasts/<id>/waiting", methods=["GET"])
    @whole
    async def waiting(self, request: Request, id: str) -> bytes:
        """To how many it would go; of an id that is not used, to everybody it can."""
        await self._identity.operator(request)
        return told(request, {"waiting": await self._broadcasts.waiting(id)})

    @router.route("/admin/api/broadcasts", methods=["POST"])
    @whole
    async def begin(self, request: Request) -> bytes:
        """Begins one, or finds it begun; nothing is sent yet."""
        operator = await self._identity.operator(request)
        said = bodies.read(request, BROADCAST)
        by = By(operator.name, said.reason)
        new = await self._broadcasts.begin(_broadcast(said), by)
        return told(request, {"new": new})

    @router.route("/admin/api/broadcasts/<id>/send", methods=["POST"])
    @whole
    async def send(self, request: Request, id: str) -> bytes:
        """Gives the next people theirs; the page asks until nobody is left."""
        await self._identity.operator(request)
        sent = await self._broadcasts.send_some(id, AT_ONCE)
        waiting = await self._broadcasts.waiting(id) if sent else 0
        return told(request, {"sent": sent, "waiting": waiting})


def _broadcast(said: NewBroadcast) -> Broadcast:
    written = {"en": said.en, "sn": said.sn, "nd": said.nd}
    texts = {name: words.strip() for name, words in written.items() if words.strip()}
    if "en" not in texts:
        raise BadRequest("Please write it in English at least.")
    if not (said.whatsapp or said.web):
        raise BadRequest("Please choose WhatsApp, the web app or both.")
    return Broadcast(
        said.id, texts, said.whatsapp, said.web, timedelta(hours=said.hours)
    )
