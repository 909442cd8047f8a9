"""A text in Markdown as a PDF: A4, page numbers, plain styles, its font inside.

reportlab sets it (BSD, kept since 2000). The same text gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import reportlab
from markdown_it.tree import SyntaxTreeNode
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import (
    Flowable,
    HRFlowable,
    Paragraph,
    Preformatted,
    SimpleDocTemplate,
)

from zimgpt.domain.chat_format.latex import readable
from zimgpt.domain.chat_format.rendering import parsed
from zimgpt.wire import glyphs

LONGEST: Final = 100_000
"""Characters of a text; what is longer is no answer of ours."""

FONT: Final = "Vera"
FACES: Final = {"Vera": "Vera", "Vera-Bold": "VeraBd", "Vera-Italic": "VeraIt"}
MARGIN: Final = 2.2 * cm
CODE_WIDTH: Final = 84  # characters of program text in a line

_PLAIN: Final = ParagraphStyle(
    "plain",
    fontName=FONT,
    bulletFontName=FONT,
    fontSize=10.5,
    leading=15,
    spaceAfter=7,
)
_HEADINGS: Final = {
    f"h{level}": ParagraphStyle(
        f"h{level}",
        parent=_PLAIN,
        fontName="Vera-Bold",
        fontSize=size,
        leading=size * 1.35,
        spaceBefore=8,
        keepWithNext=1,
    )
    for level, size in enumerate((17, 14, 12, 11, 10.5, 10.5), start=1)
}
_CODE: Final = ParagraphStyle(
    "code", parent=_PLAIN, fontName="Courier", fontSize=9, leading=11.5, leftIndent=10
)
_INDENT: Final = 14  # points a level


def pdf(markdown: str, *, title: str = "") -> bytes:
    """The document's bytes; takes some 20 ms a page."""
    _register()
    tree = SyntaxTreeNode(parsed(markdown[:LONGEST]))
    into = BytesIO()
    document = SimpleDocTemplate(
        into,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=title,
        author="ZimGPT",
        lang="",
        invariant=1,
    )
    story: list[Flowable] = []
    if title:
        story.append(Paragraph(_marked(title), _HEADINGS["h1"]))
    story += [part for node in tree.children for part in _block(node, 0)]
    story = story or [Paragraph("", _PLAIN)]
    document.build(story, onFirstPage=_numbered, onLaterPages=_numbered)
    return into.getvalue()


def _register() -> None:
    known = pdfmetrics.getRegisteredFontNames()
    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in FACES.items():
        if name not in known:
            try:
                pdfmetrics.registerFont(TTFont(name, folder / f"{file}.ttf"))
            except TTFError as error:  # pragma: no cover - the library lacks a file
                raise RuntimeError("reportlab came without its fonts") from error
    pdfmetrics.registerFontFamily(
        FONT,
        normal=FONT,
        bold="Vera-Bold",
        italic="Vera-Italic",
        boldItalic="Vera-Bold",
    )


def _numbered(canvas: Any, document: Any) -> None:  # noqa: ANN401 - without types
    canvas.setFont(FONT, 8)
    canvas.drawCentredString(A4[0] / 2, MARGIN / 2, str(document.page))


# ---- blocks ------------------------------------------------------------------------


def _block(node: SyntaxTreeNode, depth: int) -> Iterator[Flowable]:
    match node.type:
        case "heading":
            yield Paragraph(_inline(node), _HEADINGS[node.tag])
        case "paragraph":
            yield Paragraph(_inline(node), _style(depth))
        case "fence" | "code_block":
            yield Preformatted(_code(node.content), _CODE, maxLineLength=CODE_WIDTH)
        case "hr":
            yield HRFlowable(width="60%", spaceBefore=6, spaceAfter=8)
        case "bullet_list" | "ordered_list":
            yield from _list(node, depth + 1)
        case "table":
            yield from _table(node)
        case _:
            for child in node.children:
                yield from _block(child, depth + (node.type == "blockquote"))


def _style(depth: int, bullet: str = "") -> ParagraphStyle:
    if not depth:
        return _PLAIN
    return ParagraphStyle(
        f"plain{depth}{bool(bullet)}",
        parent=_PLAIN,
        leftIndent=_INDENT * depth + 8,
        bulletIndent=_INDENT * (depth - 1) + 8,
        spaceAfter=4,
    )


def _list(node: SyntaxTreeNode, depth: int) -> Iterator[Flowable]:
    start = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, start=start):
        mark = f"{number}." if node.type == "ordered_list" else "•"
        for child in item.children:
            if child.type == "paragraph" and mark:
                style = _style(depth, mark)
                yield Paragraph(_inline(child), style, bulletText=mark)
                mark = ""
            else:
                yield from _block(child, depth)


def _table(node: SyntaxTreeNode) -> Iterator[Flowable]:
    """Rows as lines: a phone's screen and a narrow page both hold them."""
    rows = [row for part in node.children for row in part.children]
    for number, row in enumerate(rows):
        cells = " | ".join(_inline(cell) for cell in row.children)
        yield Paragraph(f"<b>{cells}</b>" if number == 0 else cells, _style(1))


# ---- within a line -----------------------------------------------------------------


def _inline(node: SyntaxTreeNode) -> str:
    return "".join(map(_span, node.children))


def _span(node: SyntaxTreeNode) -> str:
    inner = _inline(node)
    match node.type:
        case "code_inline":
            code = glyphs.marked(node.content, _in_courier)
            return f'<font face="Courier">{code}</font>'
        case "math":
            return _marked(readable(node.content))
        case "strong":
            return f"<b>{inner}</b>"
        case "em":
            return f"<i>{inner}</i>"
        case "s":
            return f"<strike>{inner}</strike>"
        case "softbreak":
            return " "
        case "hardbreak":
            return "<br/>"
        case "link":
            target = _marked(str(node.attrs.get("href", "")))
            return inner if inner == target else f"{inner} ({target})"
        case _:
            return inner or _marked(node.content)


def _marked(text: str) -> str:
    return glyphs.marked(text, _in_vera)


def _code(content: str) -> str:
    return glyphs.plain(content.expandtabs(4).rstrip("\n"), _in_courier)


def _in_vera(sign: str) -> bool:
    font: Any = pdfmetrics.getFont(FONT)
    return ord(sign) in font.face.charToGlyph


def _in_courier(sign: str) -> bool:
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return sign.isprintable()
