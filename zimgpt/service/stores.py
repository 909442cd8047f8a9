"""What a node keeps in PostgreSQL, by subject, on one pool of connections."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs

from zimgpt.config import Config
from zimgpt.store.accounts import PgAccounts
from zimgpt.store.answers import PgAnswers
from zimgpt.store.drafts import PgDrafts, PgJobs
from zimgpt.store.pool import Pool
from zimgpt.store.prices import PgPrices
from zimgpt.store.questions import PgQuestions
from zimgpt.store.sessions import PgSessions
from zimgpt.store.upkeep import PgDeadJobs


@attrs.frozen
class Stores:
    """What several parts share."""

    pool: Pool
    jobs: PgJobs
    drafts: PgDrafts
    questions: PgQuestions
    answers: PgAnswers
    accounts: PgAccounts
    sessions: PgSessions
    prices: PgPrices
    dead_jobs: PgDeadJobs


def make_stores(config: Config, reactor: Any) -> Stores:  # noqa: ANN401
    """Everything on one pool of connections."""
    pool = Pool(reactor, config.database_url, config.database_connections)
    hold = timedelta(minutes=config.hold_minutes)
    return Stores(
        pool,
        PgJobs(pool, timedelta(seconds=config.lease_seconds), hold),
        PgDrafts(pool),
        PgQuestions(pool, hold, config.answers_per_account),
        PgAnswers(pool),
        PgAccounts(pool),
        PgSessions(pool),
        PgPrices(pool),
        PgDeadJobs(pool),
    )
