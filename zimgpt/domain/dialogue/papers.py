"""Documents in a dialogue: how each is named until it is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue import taps
from zimgpt.domain.dialogue.taps import Asked
from zimgpt.domain.messages import Button, Buttons, Choices, Document, Row
from zimgpt.domain.statements import Month, read
from zimgpt.domain.texts import Language, say

PAPER: Final = "answer:"
"""Before an answer's id: it on paper, for whoever it is delivered to."""
WORD: Final = "word:"
"""Before an answer's id: it as a Word file, if it is theirs."""
PDF: Final = "pdf:"
"""Before an answer's id: it on paper, if it is theirs."""
MONTH: Final = "statement:"
"""Before a month: the wallet in it, or in the one in which it is sent."""
MOST_MONTHS: Final = 10
"""Months in a list to choose from."""
LONGEST: Final = 20
"""Characters of what anybody may have written as a month."""


def whole(language: Language, answer: AnswerId, *, essay: bool) -> Document:
    """A long answer on paper."""
    name = "essay.pdf" if essay else "answer.pdf"
    return Document(PAPER + answer, name, say(language, "answer.whole"))


def word_offered(language: Language, answer: AnswerId) -> Buttons:
    """The question whether it is wanted as a Word file, too."""
    button = Button(taps.written(Asked.WORD, answer), say(language, "button.word"))
    return Buttons(say(language, "answer.word"), (button,))


def files_offered(language: Language, answer: AnswerId) -> Buttons:
    """The question whether an essay that came as messages is wanted as a file."""
    kinds = ((Asked.WORD, "button.word"), (Asked.PDF, "button.pdf"))
    return Buttons(
        say(language, "answer.files"),
        tuple(
            Button(taps.written(asked, answer), say(language, title))
            for asked, title in kinds
        ),
    )


def pdf(answer: str) -> Document:
    """It on paper; ``answer`` is what a button said."""
    return Document(PDF + answer, "essay.pdf")


def word(answer: str) -> Document:
    """The Word file; ``answer`` is what a button said."""
    return Document(WORD + answer, "essay.docx")


def month(language: Language) -> Document:
    """Every entry of this month, on paper."""
    return Document(MONTH, "ZimGPT.pdf", say(language, "statement.whole"))


def month_of(language: Language, written: str) -> Document:
    """The same of another month; ``written`` is what a button or a person said."""
    month = read(written)
    name = named(language, month) if month else written[:LONGEST]
    caption = say(language, "statement.month", month=name)
    return Document(MONTH + written[:LONGEST], "ZimGPT.pdf", caption)


def earlier(language: Language, months: Sequence[Month]) -> Choices:
    """Months of which there is a statement, newest first; there must be one."""
    return Choices(
        body=say(language, "statement.earlier", example=str(months[0])),
        label=say(language, "statement.earlier.label"),
        rows=tuple(
            Row(taps.written(Asked.MONTH, str(one)), named(language, one))
            for one in months[:MOST_MONTHS]
        ),
    )


def named(language: Language, month: Month) -> str:
    """As people call it: ``November 2026``."""
    names = say(language, "paper.months").split()
    return f"{names[month.number - 1]} {month.year}"
