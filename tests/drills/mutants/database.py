"""Nodes whose pool of connections does not heal, or makes people wait for ever."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zimgpt.store import pool
from zimgpt.store.pool import Pool


def no_redial() -> None:
    """A connection that was lost is not made again."""

    def forget(self: Pool, delay: float) -> None:
        """Nothing is dialled."""

    Pool._dial_later = forget  # type: ignore[method-assign]


def endless_patience() -> None:
    """Whoever wants a connection waits until there is one."""
    pool.PATIENCE = 600.0


MUTANTS: Mapping[str, Callable[[], None]] = {
    "no-redial": no_redial,
    "endless-patience": endless_patience,
}
