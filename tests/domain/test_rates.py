"""Buckets that fill up again by themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.rates import Rate, TooFast, TooManyAnswers, take

THREE = Rate(3, 60.0)


def test_a_bucket_gives_what_it_holds_and_says_how_long_to_wait() -> None:
    """Three at once; the fourth waits until a third of the time has passed."""
    full = 0.0
    for _ in range(3):
        full = take(full, THREE, 1_000.0)

    with pytest.raises(TooFast) as refused:
        take(full, THREE, 1_000.0)
    assert refused.value.retry == 20
    with pytest.raises(TooFast) as soon:
        take(full, THREE, 1_019.5)
    assert soon.value.retry == 1
    assert take(full, THREE, 1_020.0) == 1_080.0


def test_an_idle_bucket_is_full_and_not_fuller() -> None:
    """Whoever was away for long has no more than who was away for a minute."""
    full = 0.0
    for _ in range(3):
        full = take(full, THREE, 1_000_000.0)

    with pytest.raises(TooFast):
        take(full, THREE, 1_000_000.0)


def test_a_sentence_of_its_own_keeps_the_time() -> None:
    """A refusal says what to do and when."""
    assert TooManyAnswers(retry=5).retry == 5
    assert TooManyAnswers().message.startswith("Several of your answers")


@given(
    most=st.integers(1, 1_000),
    seconds=st.floats(0.1, 3_600),
    waits=st.lists(st.floats(0, 100), max_size=60),
)
def test_never_more_than_twice_as_many_in_any_such_time(
    most: int, seconds: float, waits: list[float]
) -> None:
    """However they are spread, a stretch of that length has at most a full bucket and
    what ran in meanwhile."""
    now = full = 0.0
    given_out: list[float] = []
    for wait in waits:
        now += wait
        try:
            full = take(full, Rate(most, seconds), now)
        except TooFast:
            continue
        given_out.append(now)

    for end in given_out:
        within = [at for at in given_out if end - seconds < at <= end]
        assert len(within) <= 2 * most
