"""The doors: which room answers which address."""

# Methods that ours inherit from Twisted have no annotations.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from typing import Final

import attrs
from klein import Klein
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request

from zimgpt.inbound.admin.doors import Admin
from zimgpt.inbound.guests import Guests
from zimgpt.inbound.routes_accounts import AccountRoutes
from zimgpt.inbound.routes_answers import AnswerRoutes
from zimgpt.inbound.routes_completions import CompletionRoutes
from zimgpt.inbound.routes_conversations import ConversationRoutes
from zimgpt.inbound.routes_documents import DocumentRoutes
from zimgpt.inbound.routes_essays import EssayRoutes
from zimgpt.inbound.routes_keys import KeyRoutes
from zimgpt.inbound.routes_notices import NoticeRoutes
from zimgpt.inbound.routes_payments import PaymentRoutes
from zimgpt.inbound.routes_paynow import PaynowRoutes
from zimgpt.inbound.routes_preferences import PreferenceRoutes
from zimgpt.inbound.routes_proofs import ProofRoutes
from zimgpt.inbound.routes_service import ServiceRoutes
from zimgpt.inbound.routes_vouchers import VoucherRoutes
from zimgpt.inbound.routes_whatsapp import WhatsAppRoutes
from zimgpt.inbound.website import Nowhere

EXPORT: Final = b"export"


@attrs.frozen
class Rooms:
    """Every group of routes."""

    accounts: AccountRoutes
    conversations: ConversationRoutes
    answers: AnswerRoutes
    essays: EssayRoutes
    service: ServiceRoutes
    notices: NoticeRoutes
    payments: PaymentRoutes
    paynow: PaynowRoutes | None = None
    """None where nothing can be paid by."""
    whatsapp: WhatsAppRoutes | None = None
    """None where there is no such channel."""
    proofs: ProofRoutes | None = None
    documents: DocumentRoutes | None = None
    keys: KeyRoutes | None = None
    completions: CompletionRoutes | None = None
    """``/v1``, for programs that speak to OpenAI."""
    vouchers: VoucherRoutes | None = None
    preferences: PreferenceRoutes | None = None

    def by_name(self) -> dict[bytes, Klein]:
        """Routers by the part of the address after ``/api/v1/``; ``export`` is the last
        part of several."""
        some: dict[bytes, Klein] = {}
        if self.proofs is not None:
            some[b"proofs"] = self.proofs.router
        if self.keys is not None:
            some[b"keys"] = self.keys.router
        if self.documents is not None:
            some[EXPORT] = some[b"statement"] = self.documents.router
        if self.preferences is not None:
            some[b"preferences"] = self.preferences.router
        if self.vouchers is not None:
            some[b"vouchers"] = self.vouchers.router
        return {
            **some,
            b"accounts": self.accounts.router,
            b"sessions": self.accounts.router,
            b"me": self.accounts.router,
            b"conversations": self.conversations.router,
            b"answers": self.answers.router,
            b"essays": self.essays.router,
            b"prices": self.service.router,
            b"about": self.service.router,
            b"notices": self.notices.router,
            b"packages": self.payments.router,
            b"payments": self.payments.router,
        }


class Root(Resource):
    """``/ws`` is the websocket, ``/api`` the routes, everything else the web app;
    ``/admin`` is for operators, where there is such a thing.

    Both are leaves: resources that take the rest of the path as it is.
    """

    def __init__(
        self,
        rooms: Rooms,
        *,
        websocket: IResource,
        website: IResource,
        guests: Guests | None = None,
        admin: Admin | None = None,
    ) -> None:
        super().__init__()
        self._admin = admin or Admin({}, origins=(), public=())
        self._guests = guests or Guests()
        self._websocket = websocket
        self._health = rooms.service.router.resource()
        self._nowhere = Nowhere()
        self._webhooks: dict[bytes, IResource] = {}
        if rooms.whatsapp is not None:
            self._webhooks[b"whatsapp"] = rooms.whatsapp.router.resource()
        if rooms.paynow is not None:
            self._webhooks[b"paynow"] = rooms.paynow.router.resource()
        self._programs = (
            self._nowhere
            if rooms.completions is None
            else rooms.completions.router.resource()
        )
        self._website = website
        self._rooms = {
            name: router.resource() for name, router in rooms.by_name().items()
        }

    def getChild(self, name: bytes, request: Request) -> IResource:
        """The routers want the whole path, as if nothing had been taken from it."""
        operators = self._admin.greet(name, request)
        if operators is not None:
            return operators
        if name == b"ws":
            return self._websocket
        if name not in (b"api", b"healthz", b"webhooks", b"v1"):
            return self._website
        path = [name, *(request.postpath or [])]
        request.prepath, request.postpath = [], path
        if name == b"v1":
            return self._programs
        if name == b"healthz":
            return self._health
        if name == b"webhooks":
            return self._webhooks.get(b"".join(path[1:2]), self._nowhere)
        return self._guests.greet(request) or self._room(path)

    def _room(self, path: list[bytes]) -> IResource:
        if len(path) < 3 or path[1] != b"v1":
            return self._nowhere
        name = EXPORT if len(path) == 5 and path[4] == EXPORT else path[2]
        return self._rooms.get(name, self._nowhere)
