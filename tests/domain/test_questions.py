"""Which questions are asked, and what the model is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.conversations import AnswerId, Turn
from zimgpt.domain.estimates import at_most
from zimgpt.domain.questions import (
    LEAST_ANSWER,
    LONGEST,
    MOST_ANSWER,
    EmptyQuestion,
    Kind,
    Message,
    QuestionTooLong,
    QuestionUnstorable,
    check,
    instructions,
    prompt,
    size,
)
from zimgpt.domain.texts import Language


@pytest.mark.parametrize(
    "text", ["?", " x\n", "🌍", "é", "e\u0301", "Unoti kudii?", "\u200bhi", "水"]
)
def test_check_keeps_a_question_as_it_was_written(text: str) -> None:
    """What shows anything at all is asked, to the letter."""
    assert check(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\r\n",
        "\u00a0\u2003\u3000",
        "\u200b\u200c\u200d\u2060\ufeff",
        "\u202e\u2066",
        "\u00ad",
        "\u0301\ufe0f",
        "\u3164\u2800\u115f\u1160\uffa0",
        "\x07\x1b",
        " " * LONGEST,
    ],
)
def test_check_refuses_what_shows_nothing(text: str) -> None:
    """Spaces, zero-width characters and fillers are no question."""
    with pytest.raises(EmptyQuestion):
        check(text)


def test_check_refuses_by_bytes() -> None:
    """The limit is the column's: bytes of UTF-8, not characters."""
    assert check("x" * LONGEST)
    with pytest.raises(QuestionTooLong):
        check("x" * (LONGEST + 1))
    with pytest.raises(QuestionTooLong):
        check("é" * (LONGEST // 2 + 1))
    with pytest.raises(QuestionTooLong):
        check("x" * 1_000_000)


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\udc00"])
def test_check_refuses_what_cannot_be_stored(text: str) -> None:
    """U+0000 and half characters would fail in PostgreSQL, so they stop here."""
    with pytest.raises(QuestionUnstorable):
        check(text)


def test_prompt_is_instructions_remembered_turns_and_the_question() -> None:
    """The model reads the conversation in the order it was said."""
    remembered = [
        Turn(AnswerId("1"), "Who wrote Nervous Conditions?", "Tsitsi Dangarembga."),
        Turn(AnswerId("2"), "When?", "1988."),
    ]

    told = prompt(Kind.CHAT, "And the next one?", remembered)

    assert told == (
        Message("system", instructions(Kind.CHAT)),
        Message("user", "Who wrote Nervous Conditions?"),
        Message("assistant", "Tsitsi Dangarembga."),
        Message("user", "When?"),
        Message("assistant", "1988."),
        Message("user", "And the next one?"),
    )


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_instructions_and_a_limit(kind: Kind) -> None:
    """Both kinds can be asked, for longer answers than the shortest worth beginning."""
    told = prompt(kind, "Why?", [])

    assert told == (Message("system", instructions(kind)), Message("user", "Why?"))
    assert MOST_ANSWER[kind] > LEAST_ANSWER


def test_answers_are_written_in_the_language_that_was_chosen() -> None:
    """Else in that of the question, whichever that is."""
    [told, _] = prompt(Kind.CHAT, "Why?", [], language=Language.SHONA)

    assert "Answer in Shona (chiShona), unless" in told.content
    assert "Answer in the language of the question" in instructions(Kind.CHAT)


@given(st.lists(st.text(), max_size=6))
def test_size_is_that_of_every_message(texts: list[str]) -> None:
    """The estimate of a prompt leaves nothing out."""
    messages = [Message("user", text) for text in texts]

    assert size(messages) == sum(map(at_most, texts))
