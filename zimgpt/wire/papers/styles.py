"""How a PDF looks: A4, plain, close enough to save paper."""

from __future__ import annotations

from typing import Final, Literal

from reportlab.lib.colors import Color
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm

from zimgpt.domain.papers.structure import Align
from zimgpt.wire.papers import faces

PAGE: Final = A4
MARGIN: Final = 2.2 * cm
WIDTH: Final = PAGE[0] - 2 * MARGIN - 12
"""Points that a line has; reportlab keeps six on each side of a page's frame."""
STEP: Final = 16
"""Points that each level of a list or quotation is moved to the right."""
DEEPEST: Final = 12
"""Levels that are moved; a line must stay long enough for words."""

GREY: Final = Color(0.35, 0.35, 0.35)
LIGHT: Final = Color(0.95, 0.95, 0.95)
LINE: Final = Color(0.6, 0.6, 0.6)

PLAIN: Final = ParagraphStyle(
    "plain",
    fontName=faces.READING,
    bulletFontName=faces.READING,
    fontSize=11,
    leading=15.5,
    spaceAfter=7,
    allowWidows=0,
    allowOrphans=0,
)
TITLE: Final = ParagraphStyle(
    "title", parent=PLAIN, fontName=faces.BOLD, fontSize=18, leading=24, spaceAfter=6
)
FACTS: Final = ParagraphStyle(
    "facts", parent=PLAIN, fontSize=9.5, leading=13, textColor=GREY, spaceAfter=6
)
REMARK: Final = ParagraphStyle(
    "remark", parent=FACTS, fontName=faces.ITALIC, textColor=Color(0.2, 0.2, 0.2)
)
HEADINGS: Final = tuple(
    ParagraphStyle(
        f"h{level}",
        parent=PLAIN,
        fontName=faces.BOLD,
        fontSize=size,
        leading=size * 1.35,
        spaceBefore=9,
        spaceAfter=5,
        keepWithNext=1,
    )
    for level, size in enumerate((16, 14, 12.5, 11.5, 11, 11), start=1)
)
CODE: Final = ParagraphStyle(
    "code", parent=PLAIN, fontName=faces.CODE, fontSize=8.5, leading=11.5
)
CELL: Final = ParagraphStyle(
    "cell", parent=PLAIN, fontSize=9.5, leading=12.5, spaceAfter=0
)
HEAD: Final = ParagraphStyle("head", parent=CELL, fontName=faces.BOLD)
NOTE: Final = ParagraphStyle(
    "note", parent=PLAIN, fontSize=9, leading=12, leftIndent=20, spaceAfter=3
)
SIDES: Final[dict[Align, Literal[0, 1, 2]]] = {
    Align.LEFT: TA_LEFT,
    Align.CENTRE: TA_CENTER,
    Align.RIGHT: TA_RIGHT,
}


def indent(depth: int) -> float:
    """Points from the left margin."""
    return STEP * min(depth, DEEPEST)


def at(style: ParagraphStyle, depth: int, mark: str = "") -> ParagraphStyle:
    """The style ``depth`` levels in, its first line behind its ``mark``."""
    if not depth:
        return style
    left = indent(depth)
    return ParagraphStyle(
        f"{style.name}{depth}{'m' * bool(mark)}",
        parent=style,
        leftIndent=left,
        bulletIndent=max(left - STEP, 0) + 2,
        spaceAfter=min(style.spaceAfter, 4),
    )
