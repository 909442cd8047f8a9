"""The admin pages that are not about people: figures, what is sold, words to everybody
and jobs."""

from __future__ import annotations

from klein import Klein

from zimgpt.config import Config
from zimgpt.flows.picturing import Picturing
from zimgpt.flows.printing import Printing
from zimgpt.inbound.admin.identity import AdminIdentity
from zimgpt.inbound.admin.routes_broadcasts import BroadcastRoutes
from zimgpt.inbound.admin.routes_figures import FigureRoutes
from zimgpt.inbound.admin.routes_jobs import JobRoutes
from zimgpt.inbound.admin.routes_shop import ShopRoutes
from zimgpt.inbound.admin.routes_vouchers import BatchRoutes
from zimgpt.service.sources import new_secret, now
from zimgpt.store.admin_shop import DeskBatches, DeskCatalogue
from zimgpt.store.admin_works import DeskBroadcasts, DeskJobs
from zimgpt.store.deskwork import Deskwork
from zimgpt.store.figures import DeskStatistics


def make_works(
    config: Config, desk: Deskwork, identity: AdminIdentity
) -> dict[bytes, Klein]:
    """Routers by the part of the address after ``/admin/api/``."""
    models = [model.name for model in config.models]
    shop = ShopRoutes(DeskCatalogue(desk), models, identity)
    batches = DeskBatches(desk)
    figures = Picturing(DeskStatistics(desk), now)
    return {
        b"figures": FigureRoutes(figures, identity).router,
        b"prices": shop.router,
        b"costs": shop.router,
        b"packages": shop.router,
        b"rates": shop.router,
        b"vouchers": BatchRoutes(
            batches, Printing(batches, new_secret), identity
        ).router,
        b"broadcasts": BroadcastRoutes(DeskBroadcasts(desk), identity).router,
        b"jobs": JobRoutes(DeskJobs(desk), identity).router,
    }
