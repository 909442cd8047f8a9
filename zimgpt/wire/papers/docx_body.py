"""Blocks of a Word document, in real styles: WordprocessingML (ECMA-376, part 1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from zimgpt.domain.papers import structure
from zimgpt.domain.papers.structure import (
    Align,
    Block,
    Code,
    Heading,
    Listing,
    Paper,
    Paragraph,
    Quote,
    Rule,
    Run,
    Table,
)
from zimgpt.wire.papers.docx_runs import Writer, lines, plain

STEP: Final = 425
"""Twentieths of a point that each level is moved to the right, as in numbering.xml."""
DEEPEST: Final = 8
"""The last of Word's nine levels of a list."""
WIDTH: Final = 9_070
"""Twentieths of a point between the margins."""
BULLETS: Final = 1
NUMBERS: Final = 2
"""The lists of numbering.xml; numbered ones have numbers of their own after them."""


@attrs.define
class Body:
    """Writes a paper's text; ``numberings`` are the levels and first numbers of its
    numbered lists, whose ids follow ``NUMBERS``."""

    writer: Writer = attrs.Factory(Writer)
    numberings: list[tuple[int, int]] = attrs.Factory(list)

    def xml(self, paper: Paper) -> str:
        """Everything between the tags of the body, but for the section's settings."""
        return "".join([*self._opening(paper), *self._blocks(paper.blocks, 0)])

    def _opening(self, paper: Paper) -> Iterator[str]:
        if paper.title:
            yield _paragraph("Title", plain(Run(paper.title)))
        told = "\n".join(f"{label}: {value}" for label, value in paper.facts)
        if told:
            yield _paragraph("Subtitle", plain(Run(told)))
        for remark in paper.remarks:
            yield _paragraph("Remark", plain(Run(remark)))

    def _blocks(self, blocks: Iterable[Block], depth: int) -> Iterator[str]:
        for block in blocks:
            yield from self._block(block, depth)

    def _block(self, block: Block, depth: int, style: str = "") -> Iterator[str]:
        match block:
            case Heading(level, runs):
                yield _paragraph(f"Heading{level}", self.writer.runs(runs), depth)
            case Paragraph(runs):
                yield _paragraph(style, self.writer.runs(runs), depth)
            case Code(text):
                yield _paragraph("Code", f"<w:r>{lines(text)}</w:r>", depth)
            case Quote(inner):
                for one in inner:
                    yield from self._block(one, depth + 1, "Quote")
            case Listing():
                yield from self._listing(block, depth)
            case Table():
                yield self._table(block, depth)
            case Rule():
                yield _paragraph("Rule", "", depth)

    def _listing(self, listing: Listing, depth: int) -> Iterator[str]:
        level = min(depth, DEEPEST)
        style, number = "ListBullet", BULLETS
        if listing.ordered:
            self.numberings.append((level, listing.start))
            style, number = "ListNumber", NUMBERS + len(self.numberings)
        numbered = (
            f'<w:pStyle w:val="{style}"/><w:numPr><w:ilvl w:val="{level}"/>'
            f'<w:numId w:val="{number}"/></w:numPr>'
        )
        for item in listing.items:
            match item[:1]:
                case [structure.Paragraph(runs)]:
                    head, rest = self.writer.runs(runs), item[1:]
                case _:
                    head, rest = "", item
            yield f"<w:p><w:pPr>{numbered}</w:pPr>{head}</w:p>"
            for block in rest:
                yield from self._block(block, depth + 1)

    def _table(self, table: Table, depth: int) -> str:
        columns = len(table.aligns)
        width = WIDTH - STEP * min(depth, DEEPEST)
        grid = f'<w:gridCol w:w="{width // columns}"/>' * columns
        indent = f'<w:tblInd w:w="{STEP * min(depth, DEEPEST)}" w:type="dxa"/>'
        rows = "".join(
            self._row(row, table.aligns, width // columns, head=not number)
            for number, row in enumerate(table.rows)
        )
        look = (
            '<w:tblStyle w:val="TableGrid"/>'
            f'<w:tblW w:w="{width}" w:type="dxa"/>{indent}'
            '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0"'
            ' w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
        )
        # A table must be parted from what follows, or two of them become one.
        return (
            f"<w:tbl><w:tblPr>{look}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}"
            f"</w:tbl>{_paragraph('TableText', '')}"
        )

    def _row(
        self,
        row: Iterable[structure.Runs],
        aligns: Iterable[Align],
        width: int,
        *,
        head: bool,
    ) -> str:
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>' if head else ""
        cells = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
            f'<w:p><w:pPr><w:pStyle w:val="TableText"/><w:jc w:val="{side}"/></w:pPr>'
            f"{self.writer.runs(cell, bold=head)}</w:p></w:tc>"
            for cell, side in zip(row, aligns, strict=True)
        )
        kind = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if head else ""
        return f"<w:tr>{kind}{cells}</w:tr>"


def _paragraph(style: str, inner: str, depth: int = 0) -> str:
    look = f'<w:pStyle w:val="{style}"/>' if style else ""
    if depth:
        look += f'<w:ind w:left="{STEP * min(depth, DEEPEST + 1)}"/>'
    return f"<w:p>{f'<w:pPr>{look}</w:pPr>' if look else ''}{inner}</w:p>"
