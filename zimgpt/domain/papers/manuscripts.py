"""What was asked and answered, made into one document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

import attrs

from zimgpt.domain.papers.reading import clean, read
from zimgpt.domain.papers.structure import (
    Block,
    Code,
    Heading,
    Listing,
    Mark,
    Paper,
    Paragraph,
    Quote,
    Rule,
    Run,
    Runs,
    Table,
    words,
)
from zimgpt.domain.statements import HARARE
from zimgpt.domain.texts import Language, count, say

SOURCES: Final = frozenset(
    {
        "bibliography",
        "reference list",
        "references",
        "sources",
        "works cited",
        "mabhuku akashandiswa",
        "mareferensi",
        "zvakashandiswa",
        "zvinyorwa zvakashandiswa",
        "amabhuku asetshenzisiweyo",
        "imithombo",
        "izincwadi ezisetshenzisiweyo",
        "okusetshenzisiweyo",
    }
)
"""Headings of lists of sources, in lower case, beside the one that we write."""

_CITED = re.compile(
    r"\([A-Z][^()\d]{1,60},? (?:1[5-9]|20)\d\d[a-z]?(?:[,:;] ?[^()]{1,60})?\)"
)
_WORD = re.compile(r"\w+(?:['\u2019\-]\w+)*")


@attrs.frozen(kw_only=True)
class Section:
    """A question with its answer in Markdown; ``cut`` says that it ended early."""

    question: str
    text: str
    asked_at: datetime
    cut: bool = False


@attrs.frozen(kw_only=True)
class Manuscript:
    """What is to be set: an answer of its own, or the turns of a ``conversation``.

    ``language`` is the reader's, ``written_in`` that of the text where it is another.
    ``level`` says whom an essay is for. ``words`` is how many were counted when it was
    written; else they are counted here. ``unfinished`` are turns that are left out
    because they are still being written.
    """

    title: str
    language: Language
    sections: tuple[Section, ...]
    conversation: bool = False
    level: str | None = None
    words: int | None = None
    unfinished: int = 0
    written_in: Language | None = None

    @property
    def written_at(self) -> datetime:
        """When the latest part of it was asked for."""
        return max(section.asked_at for section in self.sections)


def paper(manuscript: Manuscript) -> Paper:
    """The document."""
    blocks: list[Block] = []
    notes: list[Runs] = []
    for section in manuscript.sections:
        said = read(
            section.text,
            first_note=len(notes) + 1,
            deeper=2 if manuscript.conversation else 0,
        )
        blocks += _asked(manuscript, section)
        blocks += said.blocks
        notes += said.notes
        if section.cut and manuscript.conversation:
            blocks.append(_aside(say(manuscript.language, "paper.cut")))
    if not manuscript.conversation:
        blocks = _without_title(blocks, manuscript.title)
    title = clean(" ".join(manuscript.title.split()))
    sourced = bool(notes) or names_sources(blocks)
    counted = word_count(blocks) if manuscript.words is None else manuscript.words
    return Paper(
        title=title,
        language=manuscript.language,
        written_in=manuscript.written_in,
        facts=facts(manuscript, counted),
        remarks=remarks(manuscript, sourced=sourced),
        blocks=tuple(blocks),
        notes=tuple(notes),
    )


def facts(manuscript: Manuscript, number: int) -> tuple[tuple[str, str], ...]:
    """What is known of it: labels and values. ``number`` is how many words it has."""
    tongue = manuscript.language
    level = manuscript.level
    known = [] if level is None else [(say(tongue, "paper.level"), level)]
    return (
        *known,
        (say(tongue, "paper.words"), count(number)),
        (say(tongue, "paper.date"), date(tongue, manuscript.written_at)),
    )


def remarks(manuscript: Manuscript, *, sourced: bool) -> tuple[str, ...]:
    """What its reader must know of it."""
    tongue = manuscript.language
    cut = not manuscript.conversation and manuscript.sections[0].cut
    told = (
        (sourced, "paper.references"),
        (cut, "paper.cut"),
        (manuscript.unfinished > 0, "paper.unfinished"),
    )
    return tuple(say(tongue, key) for holds, key in told if holds)


def date(language: Language, moment: datetime) -> str:
    """The day in Zimbabwe, as it is written there: ``25 November 2026``."""
    there = moment.astimezone(HARARE)
    months = say(language, "paper.months").split()
    return f"{there.day} {months[there.month - 1]} {there.year}"


def word_count(blocks: Iterable[Block]) -> int:
    """Words as a person counts them; numbers are words."""
    return sum(len(_WORD.findall(line)) for line in lines(blocks))


def names_sources(blocks: Iterable[Block]) -> bool:
    """Whether it cites, or has a list of what it is taken from."""
    ours = (say(tongue, "essay.references").casefold() for tongue in Language)
    headings = SOURCES.union(ours)
    for block in blocks:
        for line in lines((block,)):
            if line.strip(" :*").casefold() in headings or _CITED.search(line):
                return True
    return False


def lines(blocks: Iterable[Block]) -> Iterator[str]:
    """The words of each paragraph, cell and piece of code, in order."""
    for block in blocks:
        match block:
            case Heading(_, runs) | Paragraph(runs):
                yield words(runs)
            case Code(text):
                yield text
            case Quote(inner):
                yield from lines(inner)
            case Listing(items):
                for item in items:
                    yield from lines(item)
            case Table(rows):
                for row in rows:
                    yield from map(words, row)
            case Rule():
                continue


def _asked(manuscript: Manuscript, section: Section) -> Iterator[Block]:
    """The question, where its words are not in the title already."""
    question = clean(section.question).strip()
    if manuscript.conversation:
        label = say(manuscript.language, "paper.question")
        when = date(manuscript.language, section.asked_at)
        yield Heading(2, (Run(f"{label}, {when}"),))
        yield Quote(tuple(_plain(question)))
    elif question and " ".join(question.split()) != manuscript.title:
        yield Quote(tuple(_plain(question)))


def _plain(text: str) -> Iterator[Block]:
    """Paragraphs of what is no Markdown; lines stay lines."""
    for part in re.split(r"\n\s*\n", text):
        if part.strip():
            yield Paragraph((Run(part.strip()),))


def _aside(sentence: str) -> Paragraph:
    return Paragraph((Run(sentence, frozenset({Mark.ITALIC})),))


def _without_title(blocks: list[Block], title: str) -> list[Block]:
    """Models like to begin with the title, which is there already."""
    match blocks[:1]:
        case [Heading(_, runs)] if _same(words(runs), title):
            return blocks[1:]
    return blocks


def _same(one: str, other: str) -> bool:
    return [*map(str.casefold, _WORD.findall(one))] == [
        *map(str.casefold, _WORD.findall(other))
    ]
