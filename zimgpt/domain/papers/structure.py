"""What a document is made of: blocks of runs, the same for every kind of file."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeAlias

import attrs

from zimgpt.domain.texts import Language


class Mark(StrEnum):
    """How a run is set."""

    BOLD = "bold"
    ITALIC = "italic"
    STRIKE = "strike"
    CODE = "code"


@attrs.frozen
class Run:
    """Words that are set alike; a line feed in them breaks the line.

    ``target`` is where they lead, an address of the web or of mail. ``note`` is the
    number of a footnote that is referred to, from 1 on; such a run has no words.
    """

    text: str
    marks: frozenset[Mark] = frozenset()
    target: str = ""
    note: int = 0


Runs: TypeAlias = tuple[Run, ...]


@attrs.frozen
class Heading:
    """``level`` is 1 to 6."""

    level: int
    runs: Runs


@attrs.frozen
class Paragraph:
    """Running text."""

    runs: Runs


@attrs.frozen
class Code:
    """Text in lines that are kept as they are."""

    text: str


@attrs.frozen
class Quote:
    """Blocks that somebody else said."""

    blocks: tuple[Block, ...]


@attrs.frozen
class Listing:
    """Items with bullets, or with numbers from ``start`` on."""

    items: tuple[tuple[Block, ...], ...]
    ordered: bool = False
    start: int = 1


class Align(StrEnum):
    """On which side the cells of a column stand."""

    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


@attrs.frozen
class Table:
    """Rows of cells, the first row their headings; every row has as many."""

    rows: tuple[tuple[Runs, ...], ...]
    aligns: tuple[Align, ...]


@attrs.frozen
class Rule:
    """A line across."""


Block: TypeAlias = Heading | Paragraph | Code | Quote | Listing | Table | Rule


@attrs.frozen(kw_only=True)
class Paper:
    """A document: its title, what is known of it, its text and its footnotes.

    ``facts`` are labels with their values, ``remarks`` are sentences to the reader,
    ``notes`` are the footnotes by number from 1 on, ``language`` is that of the labels
    and ``written_in`` that of the text, where it is another.
    """

    title: str
    language: Language
    facts: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    notes: tuple[Runs, ...] = ()
    written_in: Language | None = None

    @property
    def locale(self) -> str:
        """What spelling is checked by and voices read by, as BCP 47 writes it."""
        return _LOCALES[self.written_in or self.language]


_LOCALES: Final = {
    Language.ENGLISH: "en-GB",
    Language.SHONA: "sn-ZW",
    Language.NDEBELE: "nd-ZW",
}


def words(runs: Runs) -> str:
    """What runs say, without how."""
    return "".join(run.text for run in runs)
