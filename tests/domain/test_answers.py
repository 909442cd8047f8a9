"""How answers end, and what is charged and said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.answers import (
    NOTES,
    SILENT,
    UNBEGUN,
    WHOLE,
    Ending,
    Finish,
    State,
    ended,
    lowered_note,
    plausible,
    sentence,
)
from zimgpt.domain.ledger import Price, Tokens, Usage
from zimgpt.domain.texts import Language, say

PRICE = Price("small", prompt_millis=500, completion_millis=1_000)


def end(finish: Finish, text: str, reported: Usage | None, hold: int = 1_000) -> Ending:
    """The end of an answer whose prompt was guessed at 100 and limited to 500."""
    return ended(
        finish,
        written=len(text.encode()),
        reported=reported,
        prompt_estimate=100,
        max_tokens=500,
        price=PRICE,
        hold=Tokens(hold),
    )


@pytest.mark.parametrize("state", State)
def test_only_queued_and_streaming_are_not_the_end(state: State) -> None:
    """No text is added to an answer in any other state."""
    assert state.ended == (state not in {State.QUEUED, State.STREAMING})


@pytest.mark.parametrize("finish", Finish)
def test_reported_usage_settles_a_written_answer(finish: Finish) -> None:
    """The model's own count is charged, however the answer ended."""
    used = Usage(80, 40)

    ending = end(finish, "Rain falls.", used)

    state = State.COMPLETE if finish in WHOLE else State.INTERRUPTED
    assert ending == Ending(state, finish, used, Tokens(80))


def test_reported_zero_is_believed() -> None:
    """A model that says it took nothing is paid nothing."""
    ending = end(Finish.STOP, "Rain falls.", Usage(0, 0))

    assert ending == Ending(State.COMPLETE, Finish.STOP, Usage(0, 0), Tokens(0))


def test_missing_usage_is_estimated_from_what_was_written() -> None:
    """Three quarters of the prompt's guess, four bytes a token, marked as a guess."""
    ending = end(Finish.CUT, "x" * 40, None)

    guess = Usage(75, 10, estimated=True)
    assert ending == Ending(State.INTERRUPTED, Finish.CUT, guess, Tokens(48))


@pytest.mark.parametrize(
    "absurd",
    [
        Usage(1_401, 10),
        Usage(80, 565),
        Usage(-1, 10),
        Usage(80, -1),
        Usage(10**400, 10**400),
    ],
)
def test_absurd_usage_counts_as_not_reported(absurd: Usage) -> None:
    """More than the answer could have taken, or less than nothing, is not believed."""
    assert end(Finish.STOP, "x" * 40, absurd) == end(Finish.STOP, "x" * 40, None)
    assert end(Finish.STOP, "", absurd).cost == 0


@pytest.mark.parametrize(
    "usage", [Usage(0, 0), Usage(1_400, 564), Usage(100, 500), Usage(3, 500, True)]
)
def test_plausible_usage_is_believed_to_the_last_token(usage: Usage) -> None:
    """The bounds themselves are believed: slack for chat formats and odd counts."""
    assert plausible(usage, prompt_estimate=100, max_tokens=500) == usage


@pytest.mark.parametrize("finish", Finish)
def test_nothing_written_and_nothing_reported_is_free(finish: Finish) -> None:
    """Whoever got nothing pays nothing, whatever went wrong."""
    assert end(finish, "", None) == Ending(State.FAILED, finish, None, Tokens(0))


@pytest.mark.parametrize("finish", [each for each in Finish if each not in WHOLE])
def test_trouble_before_the_first_piece_is_free(finish: Finish) -> None:
    """Usage reported by a model that broke off before writing is not charged."""
    ending = end(finish, "", Usage(80, 3))

    assert ending == Ending(State.FAILED, finish, None, Tokens(0))


def test_a_model_that_chose_to_say_nothing_is_paid_for_reading() -> None:
    """A whole, empty answer with its usage is an answer."""
    ending = end(Finish.FILTERED, "", Usage(80, 0))

    assert ending.state is State.COMPLETE
    assert ending.cost == 40


def test_the_hold_is_the_most_that_is_charged() -> None:
    """Usage above the hold is our loss, not the asker's."""
    assert end(Finish.LENGTH, "Rain.", Usage(100, 500), hold=90).cost == 90


@given(
    st.sampled_from(Finish),
    st.text(),
    st.none() | st.builds(Usage, st.integers(), st.integers()),
    st.integers(1, 5_000),
)
def test_an_end_never_charges_more_than_the_hold_or_less_than_nothing(
    finish: Finish, text: str, reported: Usage | None, hold: int
) -> None:
    """Whatever a model reports, the charge is between nothing and the hold."""
    ending = end(finish, text, reported, hold)

    assert ending.state.ended
    assert 0 <= ending.cost <= hold
    assert ending.cost == 0 or ending.usage is not None
    assert ending.state is not State.FAILED or ending.cost == 0


@pytest.mark.parametrize("finish", Finish)
def test_every_end_but_a_plain_one_has_a_sentence(finish: Finish) -> None:
    """The asker is told of everything out of the ordinary."""
    said = sentence(State.COMPLETE, finish)

    key = NOTES.get(finish)
    assert said == (None if key is None else say(Language.ENGLISH, key))
    assert (said is None) == (finish is Finish.STOP)


@pytest.mark.parametrize("state", [State.FAILED, State.REFUSED])
@pytest.mark.parametrize("finish", Finish)
def test_nobody_is_told_to_have_paid_for_a_failed_answer(
    state: State, finish: Finish
) -> None:
    """Each failure says that nothing was charged."""
    said = sentence(state, finish)

    assert said is not None
    assert "You were not charged" in said
    assert "paid" not in said


@pytest.mark.parametrize(
    ("finish", "expected"),
    [
        (Finish.STOPPED, UNBEGUN),
        (Finish.CUT, SILENT),
        (Finish.STOP, SILENT),
        (Finish.BUSY, NOTES[Finish.BUSY]),
    ],
)
def test_failures_are_told_apart(finish: Finish, expected: str) -> None:
    """A stop, a silent model and a busy one each have their own sentence, in every
    language."""
    for language in Language:
        said = sentence(State.FAILED, finish, language)
        assert said == say(language, expected)


@pytest.mark.parametrize(("tokens", "words"), [(400, "300"), (64, "48"), (1, "1")])
def test_a_lowered_answer_is_told_in_words(tokens: int, words: str) -> None:
    """The asker reads a number of words, not of model tokens, in every language."""
    assert f"about {words} words" in lowered_note(tokens)
    for language in Language:
        assert words in lowered_note(tokens, language)
