"""The admin pages of a node, where there are any: a room for each subject."""

from __future__ import annotations

from typing import Any

from klein import Klein

from zimgpt.config import Config
from zimgpt.flows.admitting import Admitting
from zimgpt.inbound.admin.doors import Admin, AdminRoot
from zimgpt.inbound.admin.identity import AdminIdentity
from zimgpt.inbound.admin.routes_payments import AdminPaymentRoutes
from zimgpt.inbound.admin.routes_people import PeopleRoutes
from zimgpt.inbound.admin.routes_record import RecordRoutes
from zimgpt.inbound.admin.routes_session import SessionRoutes
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.site import Site, make_site
from zimgpt.inbound.surface import Surface
from zimgpt.inbound.website import Unbuilt, Website
from zimgpt.service.admin_works import make_works
from zimgpt.service.parts import Parts
from zimgpt.service.sources import new_id, new_secret
from zimgpt.store.admin_payments import DeskPayments
from zimgpt.store.admin_people import DeskPeople
from zimgpt.store.admin_record import DeskRecord
from zimgpt.store.deskwork import Deskwork
from zimgpt.store.operators import PgOperators
from zimgpt.store.sealing import Sealing


def make_admin(
    config: Config,
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    gate: Gate,
) -> Admin:
    """The door beside everybody's: a shut one, where no address of such pages is
    configured, or they have a listener of their own."""
    if not config.admin_origins or config.admin_listen is not None:
        return Admin({}, origins=(), public=())
    rooms = make_rooms(config, reactor, parts, gate)
    return Admin(rooms, origins=config.admin_origins, public=config.origins)


def make_admin_site(
    config: Config,
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    gate: Gate,
    pages: Website | Unbuilt,
) -> Site:
    """What listens for operators alone."""
    rooms = make_rooms(config, reactor, parts, gate)
    admin = Admin(rooms, origins=config.admin_origins, public=())
    secure = all(origin.startswith("https:") for origin in config.admin_origins)
    scripts = pages.scripts if isinstance(pages, Website) else ()
    surface = Surface(frozenset(config.admin_origins), secure, scripts)
    return make_site(AdminRoot(admin, pages), reactor, surface.headers(), gate)


def make_rooms(
    config: Config,
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    gate: Gate,
) -> dict[bytes, Klein]:
    """Routers by the part of the address after ``/admin/api/``."""
    desk = Deskwork(reactor, parts.deskwork, config.database_url)
    admitting = Admitting(
        operators=PgOperators(parts.pool, Sealing.of(config.operators_key)),
        passwords=parts.people.passwords,
        new_id=new_id,
        new_secret=new_secret,
    )
    surface = Surface(frozenset(config.admin_origins), secure=False)
    identity = AdminIdentity(admitting, surface)
    return {
        b"session": SessionRoutes(admitting, identity, gate).router,
        b"users": PeopleRoutes(DeskPeople(desk), identity).router,
        b"payments": AdminPaymentRoutes(DeskPayments(desk), identity).router,
        b"acts": RecordRoutes(DeskRecord(desk), identity).router,
        **make_works(config, desk, identity),
    }
