"""Runs of a Word document: WordprocessingML (ECMA-376, part 1, chapter 17)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

import attrs

from zimgpt.domain.papers.structure import Mark, Run

_MARKS: Final = (
    (Mark.CODE, '<w:rStyle w:val="CodeChar"/>'),
    (Mark.BOLD, "<w:b/><w:bCs/>"),
    (Mark.ITALIC, "<w:i/><w:iCs/>"),
    (Mark.STRIKE, "<w:strike/>"),
)
"""In the order in which the schema wants a run's properties."""
_REFERENCE: Final = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'


@attrs.define
class Links:
    """The addresses that a document leads to, and their relationships' ids."""

    targets: dict[str, str] = attrs.Factory(dict)

    def id(self, target: str) -> str:
        """The relationship's."""
        return self.targets.setdefault(target, f"link{len(self.targets) + 1}")


@attrs.define
class Writer:
    """Writes runs; a footnote is referred to once, and by its number after that."""

    links: Links = attrs.Factory(Links)
    _referred: set[int] = attrs.Factory(set)

    def runs(self, runs: Iterable[Run], *, bold: bool = False) -> str:
        """What belongs into a paragraph of the document itself."""
        return "".join(self._run(run, bold) for run in runs)

    def _run(self, run: Run, bold: bool) -> str:
        if run.note:
            return self._note(run.note)
        shown = plain(run, bold=bold)
        if not run.target:
            return shown
        return f'<w:hyperlink r:id="{self.links.id(run.target)}">{shown}</w:hyperlink>'

    def _note(self, number: int) -> str:
        if number in self._referred:
            return f"<w:r>{_REFERENCE}<w:t>{number}</w:t></w:r>"
        self._referred.add(number)
        return f'<w:r>{_REFERENCE}<w:footnoteReference w:id="{number}"/></w:r>'


def plain(run: Run, *, bold: bool = False) -> str:
    """A run without its link; ``bold`` sets all of it so."""
    marks = run.marks | {Mark.BOLD} if bold else run.marks
    if run.target and Mark.CODE not in marks:
        look = '<w:rStyle w:val="Hyperlink"/>'
    else:
        look = ""
    look += "".join(properties for mark, properties in _MARKS if mark in marks)
    properties = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f"<w:r>{properties}{lines(run.text)}</w:r>"


def lines(text: str) -> str:
    """Words with their breaks and tabs."""
    return "<w:br/>".join(map(_line, text.split("\n")))


def _line(line: str) -> str:
    return "<w:tab/>".join(map(_words, line.split("\t")))


def _words(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(text)}</w:t>' if text else ""
