"""What can be wrong on purpose, by name; a room has a module of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.drills.mutants import (
    broker,
    clients,
    clocks,
    database,
    hasty,
    killing,
    midstream,
    paying,
    poison,
    restarting,
    resuming,
    soaking,
    upstream,
    whatsapp,
)

MUTANTS: Mapping[str, Callable[[], None]] = {
    **hasty.MUTANTS,
    **killing.MUTANTS,
    **midstream.MUTANTS,
    **broker.MUTANTS,
    **database.MUTANTS,
    **upstream.MUTANTS,
    **poison.MUTANTS,
    **clients.MUTANTS,
    **restarting.MUTANTS,
    **clocks.MUTANTS,
    **resuming.MUTANTS,
    **whatsapp.MUTANTS,
    **soaking.MUTANTS,
    **paying.MUTANTS,
}
"""What each one changes in its process before twistd starts."""


def command(name: str) -> tuple[str | Path, ...]:
    """How a node of a house is started as this mutant."""
    assert name in MUTANTS, f"no mutant {name}"
    module = (sys.executable, "-m", "tests.drills.mutants", name)
    return (*module, "--nodaemon", "--pidfile=", "zimgpt")
