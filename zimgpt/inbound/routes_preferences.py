"""``/api/v1/preferences``: what a person has chosen, and their WhatsApp."""

from __future__ import annotations

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.domain.accounts import UserId
from zimgpt.domain.texts import Language
from zimgpt.flows.ports.preferences import Chosen
from zimgpt.inbound import bodies
from zimgpt.inbound.identity import Identity
from zimgpt.inbound.replies import reply
from zimgpt.inbound.rooms import room, whole


class Choice(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """In which language answers are to be written; null for that of the question."""

    answer_language: Language | None


class Linked(msgspec.Struct, frozen=True):
    """Who asks from the same wallet on WhatsApp; the number may be unknown."""

    phone: str | None


class PreferenceView(msgspec.Struct, frozen=True):
    """What holds now; ``whatsapp`` is null where nobody is linked."""

    answer_language: Language | None
    whatsapp: Linked | None


CHOICE = msgspec.json.Decoder(Choice)


@attrs.frozen
class PreferenceRoutes:
    """Routes of what people choose."""

    _chosen: Chosen
    _identity: Identity
    router = room()

    @router.route("/api/v1/preferences", methods=["GET"])
    @whole
    async def preferences(self, request: Request) -> bytes:
        """What the asker has chosen."""
        session = await self._identity.session(request)
        return reply(request, await self._view(session.user))

    @router.route("/api/v1/preferences", methods=["PATCH"])
    @whole
    async def prefer(self, request: Request) -> bytes:
        """Another language for answers, from the next question on."""
        session = await self._identity.session(request)
        choice = bodies.read(request, CHOICE)
        await self._chosen.answer_in(session.user, choice.answer_language)
        return reply(request, await self._view(session.user))

    async def _view(self, user: UserId) -> PreferenceView:
        kept = await self._chosen.read(user)
        return PreferenceView(
            kept.answer_language,
            Linked(kept.whatsapp_number) if kept.whatsapp else None,
        )
