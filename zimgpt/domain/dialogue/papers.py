"""Documents in a dialogue: how each is named until it is made."""

from __future__ import annotations

from typing import Final

from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue import taps
from zimgpt.domain.dialogue.taps import Asked
from zimgpt.domain.messages import Button, Buttons, Document
from zimgpt.domain.texts import Language, say

PAPER: Final = "answer:"
"""Before an answer's id: it on paper, for whoever it is delivered to."""
WORD: Final = "word:"
"""Before an answer's id: it as a Word file, if it is theirs."""
MONTH: Final = "statement:"
"""The wallet in the month in which it is sent."""


def whole(language: Language, answer: AnswerId, *, essay: bool) -> Document:
    """A long answer on paper."""
    name = "essay.pdf" if essay else "answer.pdf"
    return Document(PAPER + answer, name, say(language, "answer.whole"))


def word_offered(language: Language, answer: AnswerId) -> Buttons:
    """The question whether it is wanted as a Word file, too."""
    button = Button(taps.written(Asked.WORD, answer), say(language, "button.word"))
    return Buttons(say(language, "answer.word"), (button,))


def word(answer: str) -> Document:
    """The Word file; ``answer`` is what a button said."""
    return Document(WORD + answer, "essay.docx")


def month(language: Language) -> Document:
    """Every entry of this month, on paper."""
    return Document(MONTH, "ZimGPT.pdf", say(language, "statement.whole"))
