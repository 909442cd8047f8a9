"""A document as PDF, set by reportlab. The same document gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    HRFlowable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
)

from zimgpt.domain.papers import structure
from zimgpt.domain.papers.structure import Block, Listing, Mark, Paper, Quote, Run
from zimgpt.domain.texts import say
from zimgpt.wire.papers import faces, glyphs, styles
from zimgpt.wire.papers.pdf_code import code
from zimgpt.wire.papers.pdf_tables import table

AUTHOR: Final = "ZimGPT"
_TAGS: Final = {Mark.BOLD: "b", Mark.ITALIC: "i", Mark.STRIKE: "strike"}


def pdf(paper: Paper) -> bytes:
    """The bytes; takes some 20 ms a page."""
    faces.register()
    into = BytesIO()
    document = SimpleDocTemplate(
        into,
        pagesize=styles.PAGE,
        leftMargin=styles.MARGIN,
        rightMargin=styles.MARGIN,
        topMargin=styles.MARGIN,
        bottomMargin=styles.MARGIN,
        title=paper.title,
        author=AUTHOR,
        lang=paper.locale,
        invariant=1,
    )
    story = [*_opening(paper), *_blocks(paper.blocks, 0), *_notes(paper)]
    document.build(
        story or [Spacer(1, 1)],
        onFirstPage=_numbered,
        onLaterPages=_numbered,
        canvasmaker=_canvas,
    )
    return into.getvalue()


def _canvas(*args: Any, **settings: Any) -> Canvas:  # noqa: ANN401
    """One that does not begin with a font which is not embedded."""
    settings["initialFontName"] = faces.READING
    return Canvas(*args, **settings)


def _numbered(canvas: Any, document: Any) -> None:  # noqa: ANN401 - without types
    canvas.setFont(faces.READING, 9)
    middle = styles.PAGE[0] / 2
    canvas.drawCentredString(middle, styles.MARGIN / 2, str(document.page))


def _opening(paper: Paper) -> Iterator[Flowable]:
    if paper.title:
        title = glyphs.marked(paper.title, faces.BOLD)
        yield Paragraph(title, styles.TITLE)
    if paper.facts:
        shown = "<br/>".join(
            f"{_marked(label)}: {_marked(value)}" for label, value in paper.facts
        )
        yield Paragraph(shown, styles.FACTS)
    for remark in paper.remarks:
        yield Paragraph(glyphs.marked(remark, faces.ITALIC), styles.REMARK)
    if paper.facts or paper.remarks:
        yield HRFlowable(width="100%", color=styles.LINE, spaceBefore=2, spaceAfter=10)


def _notes(paper: Paper) -> Iterator[Flowable]:
    """At the end, for a page that is set cannot make room for them any more."""
    if not paper.notes:
        return
    yield Paragraph(_marked(say(paper.language, "paper.notes")), styles.HEADINGS[2])
    for number, note in enumerate(paper.notes, start=1):
        yield Paragraph(inline(note), styles.NOTE, bulletText=f"{number}")


# ---- blocks ------------------------------------------------------------------------


def _blocks(blocks: Iterable[Block], depth: int) -> Iterator[Flowable]:
    for block in blocks:
        yield from _block(block, depth)


def _block(block: Block, depth: int) -> Iterator[Flowable]:
    match block:
        case structure.Heading(level, runs):
            yield Paragraph(
                inline(runs, faces.BOLD), styles.at(styles.HEADINGS[level - 1], depth)
            )
        case structure.Paragraph(runs):
            yield Paragraph(inline(runs), styles.at(styles.PLAIN, depth))
        case structure.Code(text):
            yield from code(text, depth)
        case Quote(inner):
            yield from _blocks(inner, depth + 1)
        case Listing():
            yield from _listing(block, depth + 1)
        case structure.Table():
            yield from table(block, depth, inline)
        case structure.Rule():
            yield HRFlowable(width="60%", spaceBefore=6, spaceAfter=8)


def _listing(listing: Listing, depth: int) -> Iterator[Flowable]:
    for number, item in enumerate(listing.items, start=listing.start):
        mark = f"{number}." if listing.ordered else "•"
        style = _wide(styles.at(styles.PLAIN, depth, mark), mark)
        match item[:1]:
            case [structure.Paragraph(runs)]:
                yield Paragraph(inline(runs), style, bulletText=mark)
                yield from _blocks(item[1:], depth)
            case _:
                yield Paragraph("", style, bulletText=mark)
                yield from _blocks(item, depth)


def _wide(style: ParagraphStyle, mark: str) -> ParagraphStyle:
    """Room for a number of many digits."""
    if len(mark) > 3:
        room = 6.5 * (len(mark) - 3)
        return ParagraphStyle(
            f"{style.name}w{len(mark)}",
            parent=style,
            leftIndent=style.leftIndent + room,
        )
    return style


# ---- within a line -----------------------------------------------------------------


def inline(runs: Iterable[Run], face: str = faces.READING) -> str:
    """Runs as the markup of a reportlab paragraph that is set in ``face``."""
    return "".join(_run(run, face) for run in runs)


def _run(run: Run, face: str) -> str:
    if run.note:
        return f"<super>{run.note}</super>"
    if Mark.CODE in run.marks:
        inner = glyphs.marked(run.text, faces.CODE)
        shown = f'<font face="{faces.CODE}" size="-1">{inner}</font>'
    else:
        shown = glyphs.marked(run.text, face)
    shown = shown.replace("\n", "<br/>")
    for mark, tag in _TAGS.items():
        if mark in run.marks:
            shown = f"<{tag}>{shown}</{tag}>"
    if run.target:
        return f"<a href={quoteattr(run.target)}>{shown}</a>"
    return shown


def _marked(text: str) -> str:
    return glyphs.marked(text, faces.READING)
