"""A thousand seeded worlds, and the faults that they must notice."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.world import run

BLOCK = 100
MANY = 300
"""Worlds within which each mutant is noticed, with room to spare."""

DIGESTS = """
from tests.simulation.world import run
print(*(run(seed).digest for seed in range(1, 31)))
"""


@pytest.mark.parametrize("block", range(10))
def test_a_world_keeps_every_promise(block: int) -> None:
    """Whatever dies, is lost, late or repeated: money, text and ends are right."""
    for seed in range(block * BLOCK + 1, (block + 1) * BLOCK + 1):
        report = run(seed)

        assert not report.faults, str(report)


def test_a_seed_is_a_whole_history() -> None:
    """The same seed brings about the same events, in any process."""

    def digests(hash_seed: str) -> list[str]:
        command = [sys.executable, "-c", DIGESTS]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        out = subprocess.run(
            command, env=environment, capture_output=True, check=True, text=True
        )
        return out.stdout.split()

    here = [run(seed).digest for seed in range(1, 31)]

    assert len(set(here)) == len(here)
    assert digests("1") == here
    assert digests("2") == here


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_world_that_is_wrong_on_purpose_is_noticed(mutant: str) -> None:
    """Each fault that the simulation is there for is found, and says its seed."""
    reports = (run(seed, mutant) for seed in range(1, MANY + 1))

    found = next(report for report in reports if report.faults)

    assert f"python -m tests.simulation --seed {found.seed}" in str(found)
