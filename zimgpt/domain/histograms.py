"""How long things took, counted by bounds, so that their spread can be told cheaply."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import attrs

ANSWERS = (
    0.1,
    0.25,
    0.5,
    1.0,
    2.0,
    3.0,
    5.0,
    8.0,
    13.0,
    20.0,
    30.0,
    60.0,
    120.0,
    300.0,
)
"""Seconds that language models need."""
DOORS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds in which a request is answered."""
TURNS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds by which a busy reactor is late."""


@attrs.define
class Histogram:
    """Counts of durations; each goes to the first of the ``bounds`` (ascending, in
    seconds) that it does not exceed, or to the one place beyond all of them."""

    bounds: Sequence[float]
    sum: float = 0.0
    counts: list[int] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, seconds: float) -> None:
        """One more; a clock that was late makes none shorter than nothing."""
        seconds = max(seconds, 0.0)
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.sum += seconds

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.counts)

    def cumulated(self) -> list[tuple[str, float]]:
        """For each bound how many did not exceed it, as Prometheus wants to read it."""
        names = [*(str(bound) for bound in self.bounds), "+Inf"]
        total, rows = 0, []
        for name, count in zip(names, self.counts, strict=True):
            total += count
            rows.append((name, float(total)))
        return rows
