"""Nodes in a hurry, for drills of a few seconds: right, but sweeping every second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from tests.drills.mutants.poison import poisonable
from zimgpt.flows import burying


def hasty() -> None:
    """What is late is found sooner, and so is what is dead."""
    from zimgpt.service import node  # it may import the reactor

    vars(node)["SWEEP_EVERY"] = 1.0
    vars(burying)["EVERY"] = timedelta(seconds=1)


def poisonable_hasty() -> None:
    """The same with a fault that some questions bring out."""
    hasty()
    poisonable()


MUTANTS: Mapping[str, Callable[[], None]] = {
    "hasty": hasty,
    "poisonable-hasty": poisonable_hasty,
}
