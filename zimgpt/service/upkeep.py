"""What is done again and again: nothing is forgotten, and nothing kept too long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs

from zimgpt.config import Config
from zimgpt.flows.burying import Burying
from zimgpt.flows.counting import Counting
from zimgpt.flows.forgetting import Forgetting
from zimgpt.flows.sweeping import Sweeping
from zimgpt.service.carrying import Carrying
from zimgpt.service.stores import Stores
from zimgpt.store.retention import PgRetention
from zimgpt.store.turnover import PgTurnover
from zimgpt.store.upkeep import PgUpkeep


@attrs.frozen
class Upkeep:
    """The rounds of a node."""

    sweeping: Sweeping
    counting: Counting
    forgetting: Forgetting


def make_upkeep(
    config: Config,
    reactor: Any,  # noqa: ANN401
    stores: Stores,
    carrying: Carrying,
) -> Upkeep:
    """None of them has begun."""
    pool = stores.pool
    burying = Burying(stores.dead_jobs, carrying.broker.dead_letters)
    return Upkeep(
        Sweeping(reactor, carrying.relay, PgUpkeep(pool), carrying.audience, burying),
        Counting(PgTurnover(pool)),
        Forgetting(
            PgRetention(pool),
            timedelta(hours=config.chunks_kept_hours),
            timedelta(days=config.inbox_kept_days),
        ),
    )
