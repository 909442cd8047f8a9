"""The web doors of a node: HTTP and websocket on one port."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

import attrs
from autobahn.twisted.resource import WebSocketResource

from zimgpt.config import Config
from zimgpt.domain.ledger import Tokens
from zimgpt.inbound.addresses import Proxies
from zimgpt.inbound.guests import Guests
from zimgpt.inbound.http import Rooms, Root
from zimgpt.inbound.identity import Identity
from zimgpt.inbound.limits import Gate, Limits
from zimgpt.inbound.routes_accounts import AccountRoutes
from zimgpt.inbound.routes_answers import AnswerRoutes
from zimgpt.inbound.routes_completions import CompletionRoutes
from zimgpt.inbound.routes_conversations import ConversationRoutes
from zimgpt.inbound.routes_documents import DocumentRoutes
from zimgpt.inbound.routes_essays import EssayRoutes
from zimgpt.inbound.routes_keys import KeyRoutes
from zimgpt.inbound.routes_notices import NoticeRoutes, Said
from zimgpt.inbound.routes_payments import PaymentRoutes
from zimgpt.inbound.routes_paynow import PaynowRoutes
from zimgpt.inbound.routes_preferences import PreferenceRoutes
from zimgpt.inbound.routes_proofs import ProofRoutes
from zimgpt.inbound.routes_service import Offer, ServiceRoutes
from zimgpt.inbound.routes_vouchers import VoucherRoutes
from zimgpt.inbound.routes_whatsapp import WhatsAppRoutes
from zimgpt.inbound.site import Site, make_site
from zimgpt.inbound.sockets import SocketFactory
from zimgpt.inbound.surface import Surface
from zimgpt.inbound.website import Unbuilt, Website, website
from zimgpt.service.admin import make_admin, make_admin_site
from zimgpt.service.parts import Parts
from zimgpt.service.payments import Payments
from zimgpt.service.sources import now
from zimgpt.service.whatsapp import Channel
from zimgpt.store.notices import PgNotices
from zimgpt.store.preferences import PgPreferences
from zimgpt.store.prices import PgPrices
from zimgpt.store.recipients import PgRecipients

WEB_APP: Final = str(files("zimgpt.inbound") / "web_export")
"""Where `make web` puts what it has built."""


@attrs.frozen
class Offers:
    """The models that can be asked, as people are told of them."""

    _prices: PgPrices
    _config: Config

    async def offers(self) -> Sequence[Offer]:
        """In the order in which they are tried; those without a price are left out."""
        prices = await self._prices.of([model.name for model in self._config.models])
        return [
            Offer(model.label or model.name, prices[model.name])
            for model in self._config.models
            if model.name in prices
        ]


@attrs.frozen
class Board:
    """What operators say just now."""

    _rows: PgNotices

    async def notices(self) -> Sequence[Said]:
        """The latest first."""
        return [Said(*row) for row in await self._rows.shown()]


def make_gate(config: Config, reactor: Any) -> Gate:  # noqa: ANN401
    """What counts how much everybody asks for."""
    limits = {field.name: getattr(config, field.name) for field in attrs.fields(Limits)}
    return Gate(reactor.seconds, Limits(**limits), Proxies(config.trusted_proxies))


def make_sockets(config: Config, reactor: Any, parts: Parts) -> SocketFactory:  # noqa: ANN401
    """The websockets of this node."""
    sockets = SocketFactory(
        reactor,
        parts.desk,
        parts.people.signing_in,
        config.origins,
        guests=config.guest_origins,
        gate=make_gate(config, reactor),
        most=config.connections,
    )
    parts.carrying.exchange.on_begun = sockets.tell_begun
    parts.carrying.exchange.on_replaced = sockets.tell_replaced
    return sockets


def make_sites(
    config: Config,
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    sockets: SocketFactory,
    payments: Payments,
    channel: Channel | None = None,
) -> dict[str, Site]:
    """What listens, and at which endpoint."""
    pages = website(WEB_APP)
    web = make_web(config, reactor, parts, sockets, payments, channel, pages)
    if config.admin_listen is None:
        return {config.listen: web}
    admin = make_admin_site(config, reactor, parts, sockets.gate, pages)
    return {config.listen: web, config.admin_listen: admin}


def make_web(
    config: Config,
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    sockets: SocketFactory,
    payments: Payments,
    channel: Channel | None,
    pages: Website | Unbuilt,
) -> Site:
    """What listens for everybody."""
    secure = all(origin.startswith("https:") for origin in config.origins)
    scripts = pages.scripts if isinstance(pages, Website) else ()
    surface = Surface(frozenset(config.origins), secure, scripts)
    identity = Identity(parts.people.signing_in, surface)
    rooms = make_rooms(config, parts, sockets, payments, identity, channel)
    root = Root(
        rooms,
        websocket=WebSocketResource(sockets),
        website=pages,
        guests=Guests(config.guest_origins),
        admin=make_admin(config, reactor, parts, sockets.gate),
    )
    return make_site(root, reactor, surface.headers(), sockets.gate)


def make_rooms(
    config: Config,
    parts: Parts,
    sockets: SocketFactory,
    payments: Payments,
    identity: Identity,
    channel: Channel | None,
) -> Rooms:
    """Every group of routes that this node has."""
    gate, papers, programs = sockets.gate, parts.papers, parts.programs
    recipients = make_recipients(config, parts, channel)
    rooms = Rooms(
        accounts=AccountRoutes(parts.people.signing_in, identity, gate),
        conversations=ConversationRoutes(parts.conversing, identity),
        answers=AnswerRoutes(parts.desk, parts.polling, identity, gate),
        essays=EssayRoutes(parts.ordering, identity),
        service=ServiceRoutes(Offers(parts.stores.prices, config), channel is not None),
        notices=NoticeRoutes(Board(PgNotices(parts.pool))),
        payments=PaymentRoutes(payments.topping_up, identity, gate, recipients),
        paynow=PaynowRoutes(payments.callbacks) if payments.on else None,
        vouchers=VoucherRoutes(payments.redeeming, identity, gate),
        documents=DocumentRoutes(papers.exporting, papers.stating, identity, gate),
        preferences=PreferenceRoutes(PgPreferences(parts.pool), identity),
        keys=KeyRoutes(programs.keyring, identity),
        completions=CompletionRoutes(programs.keyring, programs.completing, now),
    )
    return rooms if channel is None else joined(rooms, config, channel, identity, gate)


def joined(
    rooms: Rooms, config: Config, channel: Channel, identity: Identity, gate: Gate
) -> Rooms:
    """The rooms, and those that there are with WhatsApp alone."""
    return attrs.evolve(
        rooms,
        whatsapp=make_webhook(config, channel),
        proofs=ProofRoutes(channel.proving, identity, gate),
    )


def make_recipients(
    config: Config, parts: Parts, channel: Channel | None
) -> PgRecipients:
    """Who can be given tokens: anybody, where the phone alone leads to an account."""
    welcome = None if channel is None else Tokens(config.welcome_tokens)
    return PgRecipients(parts.pool, welcome)


def make_webhook(config: Config, channel: Channel) -> WhatsAppRoutes:
    """The door that Meta posts at."""
    secrets = [one.encode() for one in (config.whatsapp_app_secret or "").split(",")]
    return WhatsAppRoutes(
        channel.receiving, secrets, config.whatsapp_verify_token or ""
    )
