"""An answer's end as it is read: who wrote it, what it cost, what else was paid."""

from __future__ import annotations

import attrs
import pytest

from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue import taps
from zimgpt.domain.dialogue.delivering import Delivery, delivered
from zimgpt.domain.dialogue.facts import About
from zimgpt.domain.dialogue.papers import PAPER
from zimgpt.domain.dialogue.taps import Asked, Tap
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Buttons, Document, Text
from zimgpt.domain.texts import Language, say

ABOUT = About(
    language=Language.ENGLISH,
    available=Tokens(9_000),
    question_cost=Tokens(40),
    essay_cost=Tokens(400),
)
ANSWER = Delivery(
    answer=AnswerId("a"),
    essay=False,
    question="Why?",
    text="Because.",
    state=State.COMPLETE,
    finish=Finish.STOP,
    cost=Tokens(40),
)


def test_the_cost_stands_below() -> None:
    """With what is left."""
    assert delivered(ANSWER, ABOUT) == (
        Text("Because.\n\n_Cost: 40 · Balance: 9,000_"),
    )


@pytest.mark.parametrize("language", Language)
def test_what_reading_a_file_cost_stands_beside(language: Language) -> None:
    """So that cost and balance can be reckoned up."""
    about = attrs.evolve(ABOUT, language=language)

    (message,) = delivered(attrs.evolve(ANSWER, read=Tokens(1_210)), about)

    line = say(language, "answer.footer.read", cost=40, read=1_210, balance=9_000)
    assert message == Text(f"Because.\n\n_{line}_")


def test_a_demo_is_called_one() -> None:
    """Nobody takes a small model's word for more than it is."""
    (message,) = delivered(attrs.evolve(ANSWER, label="demo model"), ABOUT)

    assert message == Text(
        "Because.\n\n_[demo model]_\n_Cost: 40 · Balance: 9,000_",
    )


def test_nothing_needs_no_label() -> None:
    """Where nothing was written there is nobody to name, and nothing to pay."""
    failed = attrs.evolve(
        ANSWER,
        text="",
        state=State.FAILED,
        finish=Finish.BUSY,
        cost=Tokens(0),
        read=Tokens(0),
        label="demo model",
    )

    assert delivered(failed, ABOUT) == (Text(say(Language.ENGLISH, "end.busy")),)


def test_a_long_answer_comes_whole_as_a_document() -> None:
    """Its first part is read at once."""
    text = "\n\n".join(f"Paragraph {n} says a thing or two." for n in range(600))

    first, paper, offer = delivered(attrs.evolve(ANSWER, text=text, essay=True), ABOUT)

    assert isinstance(first, Text)
    assert first.body.startswith("Paragraph 0 says")
    assert "Cost: 40" in first.body
    assert paper == Document(f"{PAPER}a", "essay.pdf", "The whole answer")
    assert isinstance(offer, Buttons)
    assert taps.read(offer.buttons[0].id) == Tap(Asked.WORD, "a")


@pytest.mark.parametrize("language", Language)
def test_an_essay_that_came_as_messages_is_offered_as_a_file(
    language: Language,
) -> None:
    """To be handed in or printed, as Word or PDF; an answer is not."""
    about = attrs.evolve(ABOUT, language=language)

    text, offer = delivered(attrs.evolve(ANSWER, essay=True), about)

    assert isinstance(text, Text)
    assert isinstance(offer, Buttons)
    assert offer.body == say(language, "answer.files")
    asked = [taps.read(button.id) for button in offer.buttons]
    assert asked == [Tap(Asked.WORD, "a"), Tap(Asked.PDF, "a")]


def test_an_essay_that_failed_is_offered_as_nothing() -> None:
    """There is nothing to hand in."""
    failed = attrs.evolve(
        ANSWER, essay=True, text="", state=State.FAILED, finish=Finish.BUSY
    )

    assert len(delivered(attrs.evolve(failed, cost=Tokens(0)), ABOUT)) == 1
