"""Tables in a PDF: ruled, with their headings on each page; lines where they are too
wide for the paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, Indenter, LongTable, Paragraph, Spacer

from zimgpt.domain.papers.structure import Align, Runs, Table, words
from zimgpt.wire.papers import faces, styles

NARROWEST: Final = 42.0
"""Points that a column must have for its words."""
PAD: Final = 4.0
TALLEST: Final = 1_500
"""Characters of a cell that is still set as one."""
MEASURED: Final = 300
"""Rows from which the widths of the columns are taken."""

Inline = Callable[[Runs, str], str]

_LOOK: Final = (
    ("GRID", (0, 0), (-1, -1), 0.5, styles.LINE),
    ("BACKGROUND", (0, 0), (-1, 0), styles.LIGHT),
    ("FONTNAME", (0, 0), (-1, -1), faces.READING),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), PAD),
    ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
    ("TOPPADDING", (0, 0), (-1, -1), 2.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
)


def table(shown: Table, depth: int, inline: Inline) -> Iterator[Flowable]:
    """The table, ``depth`` levels in."""
    room = styles.WIDTH - styles.indent(depth)
    columns = len(shown.aligns)
    tall = max(len(words(cell)) for row in shown.rows for cell in row)
    if columns * NARROWEST > room or tall > TALLEST:
        yield from _lines(shown, depth, inline)
        return
    cells = [
        [
            Paragraph(
                inline(cell, faces.READING if number else faces.BOLD),
                _style(number == 0, side),
            )
            for cell, side in zip(row, shown.aligns, strict=True)
        ]
        for number, row in enumerate(shown.rows)
    ]
    left = styles.indent(depth)
    yield Spacer(1, 3)
    yield Indenter(left=left)
    yield LongTable(
        cells, colWidths=_widths(shown, room), repeatRows=1, hAlign="LEFT", style=_LOOK
    )
    yield Indenter(left=-left)
    yield Spacer(1, 9)


def _style(head: bool, side: Align) -> ParagraphStyle:
    parent = styles.HEAD if head else styles.CELL
    return ParagraphStyle(
        f"{parent.name}{side}", parent=parent, alignment=styles.SIDES[side]
    )


def _widths(shown: Table, room: float) -> list[float]:
    """What each column would like, up to half of the page, made to fit; none gets less
    than its longest word, as far as that can be."""
    columns = range(len(shown.aligns))
    told = [[words(row[one]) for row in shown.rows[:MEASURED]] for one in columns]
    least = [_widest(word for text in one for word in text.split()) for one in told]
    fair = room / len(columns)
    least = [min(max(one, NARROWEST), max(fair, NARROWEST)) for one in least]
    liked = [min(_widest(one), room / 2) for one in told]
    extra = [max(one - low, 0.0) for one, low in zip(liked, least, strict=True)]
    spare = max(room - sum(least), 0.0)
    share = min(spare / (sum(extra) or 1.0), 1.0)
    return [low + one * share for low, one in zip(least, extra, strict=True)]


def _widest(texts: Iterable[str]) -> float:
    """Points that the longest of them takes, with what is around it."""
    size = styles.CELL.fontSize
    wide = (stringWidth(text, faces.BOLD, size) for text in texts)
    return max(wide, default=0.0) + 2 * PAD + 2


def _lines(shown: Table, depth: int, inline: Inline) -> Iterator[Flowable]:
    """A row a paragraph, each cell behind the heading of its column."""
    style = styles.at(styles.PLAIN, depth + 1)
    head, *body = shown.rows
    if not body:
        yield Paragraph(" | ".join(inline(cell, faces.BOLD) for cell in head), style)
    for row in body:
        told = (
            f"<b>{inline(name, faces.READING)}:</b> {inline(cell, faces.READING)}"
            for name, cell in zip(head, row, strict=True)
        )
        yield Paragraph("; ".join(told), style)
