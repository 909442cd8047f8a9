"""Nodes whose time of day is wrong and jumps; one of them believes it.

The first is no mutant but the trouble itself: it must work as well as any.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

OFF = (600.0, -600.0, 0.0)
"""Seconds by which the time of day is wrong, one after the other."""
JUMPS_EVERY = 2.0  # seconds


def jumping() -> None:
    """The time of day jumps by ten minutes and more, again and again."""
    from twisted.internet.base import ReactorBase
    from twisted.python import runtime

    from zimgpt.service import sources

    right = time.time

    def wrong() -> float:
        return right() + OFF[int(time.monotonic() / JUMPS_EVERY) % len(OFF)]

    time.time = wrong
    runtime.seconds = wrong
    ReactorBase.seconds = staticmethod(wrong)
    sources.now = lambda: datetime.fromtimestamp(wrong(), UTC)


def believing() -> None:
    """Its timers go by the time of day as well."""
    jumping()
    from zimgpt.service import process

    def steady(reactor: Any) -> None:  # noqa: ANN401
        """Leaves it as it is."""

    process.steady = steady


MUTANTS: Mapping[str, Callable[[], None]] = {
    "jumping-clock": jumping,
    "believed-clock": believing,
}
