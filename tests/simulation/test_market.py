"""Some hundred payments over everything that can go wrong, and what must be noticed."""

from __future__ import annotations

import pytest

from tests.simulation.market_mutants import MUTANTS
from tests.simulation.reckoning import PAYMENTS, Report, run

MARKETS = 5
MANY = 12
"""Markets within which each mutant is noticed, with room to spare."""
FIRST = {"twice": 4, "hasty": 4}
"""The market to begin with, where it is not the first."""


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    """How the first markets went."""
    return [run(seed) for seed in range(1, MARKETS + 1)]


def test_what_was_paid_was_credited_exactly(reports: list[Report]) -> None:
    """Whatever is lost, late, forged, repeated or dies: to the token, and to each."""
    for report in reports:
        assert not report.faults, str(report)
        assert report.seen["deaths"]
    assert sum(report.paid for report in reports) > MARKETS * PAYMENTS // 3


def test_a_seed_is_a_whole_market(reports: list[Report]) -> None:
    """The same seed brings about the same events."""
    assert run(3) == reports[2]
    assert len({(report.tokens, *report.seen.values()) for report in reports}) > 1


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_market_that_is_wrong_on_purpose_is_noticed(mutant: str) -> None:
    """Each fault that the market is there for is found, and says its seed."""
    first = FIRST.get(mutant, 1)
    reports = (run(seed, mutant) for seed in range(first, first + MANY))

    found = next(report for report in reports if report.faults)

    assert f"python -m tests.simulation.reckoning {found.seed}" in str(found)
