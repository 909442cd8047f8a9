"""What a chat remembers, and what it is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.conversations import (
    TITLE_LENGTH,
    AnswerId,
    Turn,
    size,
    title,
    window,
)

turns = st.lists(
    st.builds(
        Turn,
        answer=st.uuids().map(lambda uuid: AnswerId(str(uuid))),
        question=st.text(max_size=60),
        reply=st.text(max_size=60),
    ),
    max_size=12,
)


def turn(number: int, length: int = 9) -> Turn:
    """A turn of 18 model tokens (two messages of 6 + 3), unless it is longer."""
    return Turn(AnswerId(str(number)), "q" * length, "r" * length)


def test_size_counts_the_question_and_the_reply() -> None:
    """Both messages of a turn take room in the window."""
    assert size(turn(1)) == 18


@pytest.mark.parametrize(
    ("budget", "expected"),
    [(17, []), (18, ["3"]), (35, ["3"]), (36, ["2", "3"]), (1000, ["1", "2", "3"])],
)
def test_window_keeps_the_latest_turns_oldest_first(
    budget: int, expected: list[str]
) -> None:
    """As many of the latest turns as fit, in the order they were said."""
    kept = window([turn(1), turn(2), turn(3)], budget)

    assert [each.answer for each in kept] == expected


def test_window_stops_at_a_turn_that_does_not_fit() -> None:
    """A gap would mislead the model: what came before a long turn is forgotten too."""
    assert window([turn(1), turn(2, 900), turn(3)], 100) == (turn(3),)


@given(turns, st.integers(-10, 400))
def test_window_is_the_longest_suffix_that_fits(said: list[Turn], budget: int) -> None:
    """A suffix within the budget, and one more turn would not fit."""
    kept = window(said, budget)
    forgotten = said[: len(said) - len(kept)]

    assert [*forgotten, *kept] == said
    assert sum(map(size, kept)) <= max(budget, 0)
    assert not forgotten or sum(map(size, kept)) + size(forgotten[-1]) > budget


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is rain?", "What is rain?"),
        ("  What\n\tis   rain?\r\n", "What is rain?"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        ("x" * 58 + " and more", "x" * 58 + "…"),
    ],
)
def test_title_is_the_start_of_the_question_on_one_line(
    question: str, expected: str
) -> None:
    """Short questions are their own title; long ones are cut with an ellipsis."""
    assert title(question) == expected


@given(st.text())
def test_title_fits_its_column(question: str) -> None:
    """Never more than sixty characters or 400 bytes, whatever was asked."""
    made = title(question)

    assert len(made) <= TITLE_LENGTH
    assert len(made.encode()) <= 400
    assert made == " ".join(made.split())
