"""Markdown as the blocks of a document; no word of it is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.footnote import footnote_plugin

from zimgpt.domain.chat_format.latex import readable
from zimgpt.domain.markdown import make_parser, parsed, too_deep
from zimgpt.domain.papers.structure import (
    Align,
    Block,
    Code,
    Heading,
    Listing,
    Mark,
    Paragraph,
    Quote,
    Rule,
    Run,
    Runs,
    Table,
    words,
)

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no way to write."""
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
_ADDRESS = re.compile(
    r"https?://[a-z0-9][a-z0-9.-]*(:\d{1,5})?([/?#][!-~]{0,2000})?"
    r"|mailto:[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,255}",
    re.IGNORECASE | re.ASCII,
)
"""What may be a link: word processors hold a file for broken by one odd address."""
_MARKS: Final = {"strong": Mark.BOLD, "em": Mark.ITALIC, "s": Mark.STRIKE}
_SIDES: Final = {"text-align:center": Align.CENTRE, "text-align:right": Align.RIGHT}
_DEFINITION: Final = "footnote_reference"


def _parser() -> MarkdownIt:
    parser = make_parser()
    footnote_plugin(parser, inline=False, move_to_end=False)
    return parser


_PARSER = _parser()


@attrs.frozen
class Read:
    """The blocks of a text and its footnotes, by number."""

    blocks: tuple[Block, ...]
    notes: tuple[Runs, ...]


def clean(text: str) -> str:
    """Without what no file can hold, lines ending in a plain line feed."""
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def read(markdown: str, *, first_note: int = 1, deeper: int = 0) -> Read:
    """What a text in Markdown is made of.

    Footnotes are numbered from ``first_note`` on, in the order in which they are
    referred to; headings are ``deeper`` by so many levels.
    """
    source = clean(markdown)
    tokens = parsed(_PARSER, source)
    if too_deep(tokens):
        return Read((Code(source.strip("\n")),), ())
    return _Reader(SyntaxTreeNode(tokens), first_note, deeper).read()


class _Reader:
    """One text, and the footnotes it refers to."""

    def __init__(self, root: SyntaxTreeNode, first_note: int, deeper: int) -> None:
        self._root = root
        self._first = first_note
        self._deeper = deeper
        self._numbers: dict[str, int] = {}
        self._in_note = False

    def read(self) -> Read:
        blocks = self._blocks(self._root.children)
        self._in_note = True
        notes: dict[str, Runs] = {}
        over: list[Block] = []  # what nothing refers to, or is there a second time
        for node in self._root.walk():
            if node.type != _DEFINITION:
                continue
            label, told = node.meta["label"], _joined(self._blocks(node.children))
            if label in self._numbers and label not in notes:
                notes[label] = told
            else:
                over.append(Paragraph((Run(f"[{label}] "), *told)))
        ordered = sorted(self._numbers, key=self._numbers.__getitem__)
        return Read((*blocks, *over), tuple(notes.get(label, ()) for label in ordered))

    def _number(self, label: str) -> int:
        return self._numbers.setdefault(label, self._first + len(self._numbers))

    # ---- blocks

    def _blocks(self, nodes: Sequence[SyntaxTreeNode]) -> tuple[Block, ...]:
        return tuple(block for node in nodes for block in self._block(node))

    def _block(self, node: SyntaxTreeNode) -> Iterator[Block]:
        match node.type:
            case "heading":
                level = min(int(node.tag[1]) + self._deeper, 6)
                yield Heading(level, self._inline(node))
            case "paragraph":
                if runs := self._inline(node):
                    yield Paragraph(runs)
            case "fence" | "code_block":
                yield Code(node.content.expandtabs(4).rstrip("\n"))
            case "blockquote":
                yield Quote(self._blocks(node.children))
            case "bullet_list" | "ordered_list":
                yield self._listing(node)
            case "table":
                yield self._table(node)
            case "hr":
                yield Rule()
            case "footnote_reference":
                return  # told at the end
            case _:
                yield Paragraph((Run(node.content),))

    def _listing(self, node: SyntaxTreeNode) -> Listing:
        return Listing(
            tuple(self._blocks(item.children) for item in node.children),
            ordered=node.type == "ordered_list",
            start=int(node.attrs.get("start", 1)),
        )

    def _table(self, node: SyntaxTreeNode) -> Table:
        rows = [row.children for part in node.children for row in part.children]
        sides = (_SIDES.get(str(cell.attrs.get("style", ""))) for cell in rows[0])
        return Table(
            tuple(tuple(self._inline(cell) for cell in row) for row in rows),
            tuple(side or Align.LEFT for side in sides),
        )

    # ---- within a line

    def _inline(self, node: SyntaxTreeNode) -> Runs:
        inner = node.children[0].children if node.children else []
        return _merged(self._runs(inner, frozenset(), ""))

    def _runs(
        self, nodes: Sequence[SyntaxTreeNode], marks: frozenset[Mark], target: str
    ) -> Iterator[Run]:
        for node in nodes:
            yield from self._run(node, marks, target)

    def _run(
        self, node: SyntaxTreeNode, marks: frozenset[Mark], target: str
    ) -> Iterator[Run]:
        match node.type:
            case "strong" | "em" | "s":
                marks = marks | {_MARKS[node.type]}
                yield from self._runs(node.children, marks, target)
            case "code_inline":
                yield Run(node.content, marks | {Mark.CODE}, target)
            case "math":
                yield Run(readable(node.content), marks, target)
            case "softbreak":
                yield Run(" ", marks, target)
            case "hardbreak":
                yield Run("\n", marks, target)
            case "link":
                href = str(node.attrs.get("href", ""))
                yield from self._link(node.children, href, marks)
            case "image":
                source = str(node.attrs.get("src", ""))
                yield from _addressed([Run(node.content, marks)], source, marks)
            case "footnote_ref":
                label = node.meta["label"]
                if self._in_note:  # no file has footnotes of footnotes
                    yield Run(f"[{label}]", marks)
                else:
                    yield Run("", note=self._number(label))
            case _:
                yield Run(_BREAK.sub("\n", node.content), marks, target)

    def _link(
        self, nodes: Sequence[SyntaxTreeNode], href: str, marks: frozenset[Mark]
    ) -> Iterator[Run]:
        target = href if _ADDRESS.fullmatch(href) else ""
        yield from _addressed(self._runs(nodes, marks, target), href, marks)


def _addressed(runs: Iterable[Run], href: str, marks: frozenset[Mark]) -> Iterator[Run]:
    """Words with their address behind them, for paper cannot be clicked."""
    said = tuple(runs)
    yield from said
    shown = words(said)
    address = href.removeprefix("mailto:")
    if address and shown not in (href, address):
        target = href if _ADDRESS.fullmatch(href) else ""
        yield Run(" (" if shown else "(", marks)
        yield Run(address, marks, target)
        yield Run(")", marks)


def _merged(runs: Iterable[Run]) -> Runs:
    """Neighbours that are set alike as one."""
    merged: list[Run] = []
    for run in runs:
        last = merged[-1] if merged else None
        if not run.text and not run.note:
            continue
        if last and not (last.note or run.note) and _alike(last, run):
            merged[-1] = attrs.evolve(last, text=last.text + run.text)
        else:
            merged.append(run)
    return tuple(merged)


def _alike(one: Run, other: Run) -> bool:
    return one.marks == other.marks and one.target == other.target


def _joined(blocks: Iterable[Block]) -> Runs:
    """A footnote's blocks as one paragraph of lines."""
    return _merged(_lines(blocks))


def _flat(block: Block) -> Iterator[Run]:
    """A block within a footnote."""
    match block:
        case Heading(_, runs) | Paragraph(runs):
            yield from runs
        case Code(text):
            yield Run(text, frozenset({Mark.CODE}))
        case Quote(blocks):
            yield from _lines(blocks)
        case Listing(items):
            for place, item in enumerate(items):
                yield Run("\n• " if place else "• ")
                yield from _lines(item)
        case Table(rows):
            for place, row in enumerate(rows):
                yield Run("\n") if place else Run("")
                for column, cell in enumerate(row):
                    yield Run(" | " if column else "")
                    yield from cell
        case Rule():
            return


def _lines(blocks: Iterable[Block]) -> Iterator[Run]:
    for place, block in enumerate(blocks):
        if place:
            yield Run("\n")
        yield from _flat(block)
