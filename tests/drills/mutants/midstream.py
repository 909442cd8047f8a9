"""A database that takes text from whoever brings it, also from an attempt of old."""

from __future__ import annotations

from tests.drills.mutants.wallets import altered

APPEND_CHUNKS = "select pg_get_functiondef('append_chunks'::regproc)"
FENCE = "a.epoch = p.epoch and a.epoch > 0 and a.last_seq = p.seq - 1"


def unfenced(source: str) -> str:
    """``append_chunks`` that asks for no epoch and no place."""
    return altered(source, FENCE, "a.epoch > 0")
