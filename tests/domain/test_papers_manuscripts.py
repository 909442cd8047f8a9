"""What a document says of the text in it."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest

from zimgpt.domain.papers.manuscripts import (
    Manuscript,
    Section,
    date,
    names_sources,
    paper,
)
from zimgpt.domain.papers.reading import read
from zimgpt.domain.papers.structure import Heading, Paragraph, Quote, words
from zimgpt.domain.texts import Language, say

MIDNIGHT = datetime(2026, 10, 31, 22, 30, tzinfo=UTC)


def one(text: str, **changed: object) -> Manuscript:
    """An answer of its own."""
    section = Section(question="", text=text, asked_at=MIDNIGHT)
    plain = Manuscript(title="Rain", language=Language.ENGLISH, sections=(section,))
    return attrs.evolve(plain, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (Language.ENGLISH, "1 November 2026"),
        (Language.SHONA, "1 Mbudzi 2026"),
        (Language.NDEBELE, "1 Lwezi 2026"),
    ],
)
def test_dates_are_those_of_zimbabwe(language: Language, told: str) -> None:
    """In the words of each language."""
    assert date(language, MIDNIGHT) == told


@pytest.mark.parametrize(
    ("reader", "text", "locale"),
    [
        (Language.ENGLISH, None, "en-GB"),
        (Language.SHONA, None, "sn-ZW"),
        (Language.ENGLISH, Language.NDEBELE, "nd-ZW"),
        (Language.NDEBELE, Language.ENGLISH, "en-GB"),
    ],
)
def test_spelling_is_that_of_the_text(
    reader: Language, text: Language | None, locale: str
) -> None:
    """An essay in Ndebele is not underlined in red; its labels are the reader's."""
    made = paper(one("Rain.", language=reader, written_in=text))

    assert made.locale == locale
    assert made.facts[0][0] == say(reader, "paper.words")


def test_what_is_known_of_it() -> None:
    """Words as a person counts them, and the day."""
    told = paper(one("# Rain\n\nIt's a *well-known* fact: 12 mm.\n\n- one\n- two"))

    assert told.facts == (("Words", "8"), ("Date", "1 November 2026"))
    assert told.remarks == ()


@pytest.mark.parametrize(
    "text",
    [
        "## References\n\nRanger.",
        "**Works cited**\n\nRanger.",
        "### Mareferensi\n\nRanger.",
        "Imithombo:\n\nRanger.",
        "As shown (Ranger, 1967, p. 12).",
        "As shown (Beach and Ranger 1986).",
        "Text.[^1]\n\n[^1]: Ranger.",
    ],
)
def test_who_names_sources_is_told_to_check_them(text: str) -> None:
    """For models invent them."""
    [remark] = paper(one(text)).remarks

    assert "Check each reference yourself" in remark


@pytest.mark.parametrize("text", ["References are made.", "In (about) 1967.", "(2026)"])
def test_who_names_none_is_not(text: str) -> None:
    """A year in brackets is no citation."""
    assert not names_sources(read(text).blocks)


def test_a_title_is_not_said_twice() -> None:
    """Models begin with it, in other capitals and marks."""
    assert paper(one("# *RAIN!*\n\nText.")).blocks == read("Text.").blocks
    assert paper(one("# Sun\n\nText.")).blocks == read("# Sun\n\nText.").blocks


def test_turns_of_a_conversation() -> None:
    """Each with its question as it was typed; headings of answers are below that."""
    section = Section(
        question="Why *does*\nit?\n\nReally?",
        text="# Because\n\nYes[^1].\n\n[^1]: A.",
        asked_at=MIDNIGHT,
        cut=True,
    )
    told = paper(one("", sections=(section, section), conversation=True, unfinished=1))

    asked, said, answer, *rest = told.blocks
    assert isinstance(asked, Heading)
    assert words(asked.runs) == "Question, 1 November 2026"
    assert isinstance(said, Quote)
    texts = [words(one.runs) for one in said.blocks if isinstance(one, Paragraph)]
    assert texts == ["Why *does*\nit?", "Really?"]
    assert isinstance(answer, Heading)
    assert answer.level == 3
    assert "ended early" in words(rest[1].runs)  # type: ignore[union-attr]
    assert [words(note) for note in told.notes] == ["A.", "A."]
    assert any("being written" in remark for remark in told.remarks)
