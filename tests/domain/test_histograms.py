"""Counts of durations."""

from __future__ import annotations

from zimgpt.domain.histograms import Histogram


def test_each_duration_goes_to_the_first_bound_that_holds_it() -> None:
    """Bounds include themselves, and what is beyond all of them is counted, too."""
    spread = Histogram((1.0, 5.0))

    for seconds in (0.5, 1.0, 1.5, 5.0, 9.0):
        spread.add(seconds)

    assert spread.cumulated() == [("1.0", 2), ("5.0", 4), ("+Inf", 5)]
    assert (spread.count, spread.sum) == (5, 17.0)


def test_nothing_took_less_than_no_time() -> None:
    """Sums of a histogram must only grow."""
    spread = Histogram((1.0,))

    spread.add(-3.0)

    assert (spread.count, spread.sum) == (1, 0.0)
