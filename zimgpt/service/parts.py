"""Everything a node is made of, from the database up, put together once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
from twisted.python.threadpool import ThreadPool

from zimgpt.config import Config
from zimgpt.domain.accounts import SessionId
from zimgpt.flows.asking import Asking
from zimgpt.flows.completing import Completing
from zimgpt.flows.conversing import Conversing
from zimgpt.flows.desk import Desk
from zimgpt.flows.keyring import Keyring
from zimgpt.flows.ordering import Ordering
from zimgpt.flows.polling import Polling
from zimgpt.flows.tracing import Takes, Traces
from zimgpt.service.carrying import Carrying, make_carrying
from zimgpt.service.documents import Papers, make_papers
from zimgpt.service.people import People, make_people
from zimgpt.service.sources import new_id, new_secret, now
from zimgpt.service.stores import Stores, make_stores
from zimgpt.service.tracing import traced_asking
from zimgpt.service.upkeep import Upkeep, make_upkeep
from zimgpt.service.writing import Writing, make_writing
from zimgpt.store.api_keys import PgApiKeys
from zimgpt.store.conversations import PgConversations
from zimgpt.store.deskwork import threads as operators_threads
from zimgpt.store.orders import PgOrders
from zimgpt.store.pool import Pool


@attrs.frozen
class Programs:
    """What programs need: their keys, and asking by them."""

    keyring: Keyring
    completing: Completing


@attrs.frozen(kw_only=True)
class Parts:
    """A node's parts, each knowing the ones it needs."""

    stores: Stores
    carrying: Carrying
    writing: Writing
    people: People
    upkeep: Upkeep
    deskwork: ThreadPool
    """For what operators do."""
    desk: Desk
    polling: Polling
    conversing: Conversing
    ordering: Ordering
    papers: Papers
    programs: Programs

    @property
    def pool(self) -> Pool:
        """The one way to PostgreSQL."""
        return self.stores.pool


def make_asking(
    config: Config,
    reactor: Any,  # noqa: ANN401
    stores: Stores,
    carrying: Carrying,
    traces: Traces | None,
) -> Takes:
    """Taking questions."""
    models = [model.name for model in config.models]
    remembered, publish = config.remembered_tokens, carrying.relay.publish
    asking = Asking(stores.questions, models, remembered, config.node, new_id, publish)
    return traced_asking(asking, reactor, traces)


def make_desk(asking: Takes, stores: Stores, carrying: Carrying) -> Desk:
    """Asking and following."""
    return Desk(
        asking,
        carrying.audience,
        carrying.exchange,
        stores.questions,
        stores.answers,
        stores.accounts,
    )


def make_programs(asking: Takes, pool: Pool, polling: Polling) -> Programs:
    """Keys, and asking by them."""
    keys = PgApiKeys(pool)
    return Programs(
        Keyring(keys, new_id, new_secret), Completing(asking, keys, polling, new_id)
    )


def make_parts(
    config: Config,
    reactor: Any,  # noqa: ANN401
    end_sessions: Callable[[Sequence[SessionId]], None],
) -> Parts:
    """Puts a node together; nothing is connected or started yet."""
    stores = make_stores(config, reactor)
    carrying = make_carrying(
        config, reactor, stores, lambda one: writing.answering.stop(one), end_sessions
    )
    writing = make_writing(config, reactor, stores, carrying)
    asking = make_asking(config, reactor, stores, carrying, writing.traces)
    pool, models = stores.pool, [model.name for model in config.models]
    polling = Polling(reactor, stores.answers, carrying.audience)
    desk = make_desk(asking, stores, carrying)
    return Parts(
        stores=stores,
        carrying=carrying,
        writing=writing,
        people=make_people(config, reactor, stores, carrying.exchange.sessions_ended),
        upkeep=make_upkeep(config, reactor, stores, carrying),
        deskwork=operators_threads(),
        desk=desk,
        polling=polling,
        conversing=Conversing(PgConversations(pool), desk.stop),
        ordering=Ordering(stores.questions, PgOrders(pool), models),
        papers=make_papers(reactor, pool, now),
        programs=make_programs(asking, pool, polling),
    )
