"""When a model is left alone, and what brings it back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.circuits import (
    CLOSED,
    Circuit,
    Closed,
    Failure,
    Limits,
    Open,
    Probing,
    ask,
    failed,
    succeeded,
    undecided,
)

LIMITS = Limits(failures=10, within=30.0, rest=15.0)


def after(failures: list[Failure], circuit: Circuit = CLOSED) -> Circuit:
    """A circuit after these, one by one."""
    for failure in failures:
        circuit = failed(circuit, failure, LIMITS)
    return circuit


def every(seconds: float, count: int, *, busy: bool = False) -> list[Failure]:
    """Failures at regular times."""
    return [Failure(n * seconds, busy) for n in range(count)]


def test_ten_failures_in_half_a_minute_open_it() -> None:
    """Nine do not."""
    nine = after(every(3.0, 9))

    assert isinstance(nine, Closed)
    assert failed(nine, Failure(27.0, busy=False), LIMITS) == Open(42.0, busy=False)


def test_failures_far_apart_do_not_open_it() -> None:
    """Each counts for half a minute, and no longer."""
    assert isinstance(after(every(3.25, 100)), Open)
    assert isinstance(after(every(3.5, 100)), Closed)


def test_an_answer_makes_up_for_a_failure() -> None:
    """A few failures among many answers leave it closed."""
    circuit: Circuit = CLOSED
    for n in range(1000):
        circuit = failed(circuit, Failure(n * 0.01, busy=False), LIMITS)
        circuit = succeeded(circuit)

    assert circuit == CLOSED


@pytest.mark.parametrize(("unreachable", "busy"), [(0, True), (1, False)])
def test_it_was_busy_if_it_was_nothing_else(unreachable: int, busy: bool) -> None:
    """One failure of another kind is told as the worse."""
    failures = every(0.1, 10, busy=True)
    failures[4] = Failure(0.4, busy=not unreachable)

    circuit = after(failures)

    assert isinstance(circuit, Open)
    assert busy == circuit.busy


def test_while_open_nothing_is_let_through_until_the_rest_is_over() -> None:
    """Then one is, as a probe, and no second one."""
    circuit: Circuit = Open(42.0, busy=True)

    assert ask(circuit, 41.9) == (circuit, False)
    circuit, may = ask(circuit, 42.0)
    assert (circuit, may) == (Probing(busy=True), True)
    assert ask(circuit, 99.0) == (circuit, False)


def test_a_probe_decides() -> None:
    """Success closes, failure opens for another rest, nothing shown lets another go."""
    probing = Probing(busy=True)

    assert succeeded(probing) == CLOSED
    assert failed(probing, Failure(50.0, busy=False), LIMITS) == Open(65.0, busy=False)
    assert undecided(probing, 50.0) == Open(50.0, busy=True)


def test_what_was_asked_before_it_opened_changes_nothing() -> None:
    """Neither late failures nor late answers."""
    circuit = Open(42.0, busy=False)

    assert failed(circuit, Failure(30.0, busy=True), LIMITS) == circuit
    assert succeeded(circuit) == circuit
    assert undecided(circuit, 30.0) == circuit
    assert undecided(CLOSED, 30.0) == CLOSED


@given(st.lists(st.floats(0, 5), max_size=60))
def test_it_never_remembers_more_than_it_counts(gaps: list[float]) -> None:
    """However failures come, a closed circuit holds fewer than open it."""
    now, circuit = 0.0, CLOSED
    for gap in gaps:
        now += gap
        circuit = after([Failure(now, busy=False)], circuit)  # type: ignore[assignment]
        if isinstance(circuit, Closed):
            assert len(circuit.failures) < LIMITS.failures
