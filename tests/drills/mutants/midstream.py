"""A database that takes text from whoever brings it, also from an attempt of old,
and a node that does not look whether its leases have gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from tests.drills.mutants.wallets import altered
from zimgpt.store.drafts import PgJobs

APPEND_CHUNKS = "select pg_get_functiondef('append_chunks'::regproc)"
FINISH_ANSWER = "select pg_get_functiondef('finish_answer'::regproc)"
LAST_FENCE = " or v_answer.epoch <> p_epoch"
FENCE = "a.epoch = p.epoch and a.epoch > 0 and a.last_seq = p.seq - 1"


def unfenced(source: str) -> str:
    """``append_chunks`` that asks for no epoch and no place."""
    return altered(source, FENCE, "a.epoch > 0")


def unfenced_end(source: str) -> str:
    """``finish_answer`` that asks for no epoch."""
    return altered(source, LAST_FENCE, "")


def never_lost() -> None:
    """The node believes that its leases are its own for ever."""

    look = PgJobs.renew

    async def renew(self: PgJobs, worker: str, jobs: Collection[str]) -> frozenset[str]:
        await look(self, worker, jobs)
        return frozenset(jobs)

    PgJobs.renew = renew  # type: ignore[method-assign]


MUTANTS: Mapping[str, Callable[[], None]] = {"never-lost": never_lost}
