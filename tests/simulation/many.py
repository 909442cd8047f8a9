"""Many worlds, over as many processes as the machine has."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from twisted.logger import globalLogBeginner

from tests.simulation.world import Report, run

SOME = 20
"""Worlds that a process is given at once."""


def quiet() -> None:
    """What the flows log goes nowhere, as in worlds nobody listens."""
    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False)


def lived(
    seeds: range, processes: int | None = None, mutant: str | None = None
) -> Iterator[Report]:
    """A report of each, in order; those without a fault come without their history."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=quiet) as pool:
        yield from pool.map(partial(_brief, mutant), seeds, chunksize=SOME)


def _brief(mutant: str | None, seed: int) -> Report:
    report = run(seed, mutant)
    return report if report.faults else report.brief()
