"""A document as plain text: every word of it, in lines that a phone can wrap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from zimgpt.domain.papers.structure import (
    Block,
    Code,
    Heading,
    Listing,
    Paper,
    Paragraph,
    Quote,
    Rule,
    Run,
    Runs,
    Table,
)
from zimgpt.domain.texts import say

RULE = "* * *"


def text(paper: Paper) -> bytes:
    """UTF-8, with a plain line feed at the end of each line."""
    parts = [f"{paper.title}\n{'=' * min(len(paper.title), 72)}" if paper.title else ""]
    parts.append("\n".join(f"{label}: {value}" for label, value in paper.facts))
    parts += paper.remarks
    parts += _blocks(paper.blocks)
    if paper.notes:
        parts.append(_underlined(say(paper.language, "paper.notes")))
        parts += (
            f"[{number}] {_runs(note)}" for number, note in enumerate(paper.notes, 1)
        )
    return ("\n\n".join(filter(None, parts)) + "\n").encode()


def _blocks(blocks: Iterable[Block]) -> list[str]:
    return [_block(block) for block in blocks]


def _block(block: Block) -> str:
    match block:
        case Heading(_, runs):
            return _underlined(_runs(runs))
        case Paragraph(runs):
            return _runs(runs)
        case Code(code):
            return _indented(code, "    ")
        case Quote(inner):
            return _indented("\n\n".join(_blocks(inner)), "> ")
        case Listing():
            return "\n".join(_items(block))
        case Table(rows):
            return _table(rows)
        case Rule():
            return RULE


def _items(listing: Listing) -> Iterator[str]:
    for number, item in enumerate(listing.items, start=listing.start):
        mark = f"{number}. " if listing.ordered else "- "
        inner = "\n".join(_blocks(item))
        yield mark + _indented(inner, " " * len(mark)).lstrip(" ")


def _table(rows: Sequence[Sequence[Runs]]) -> str:
    lines = [
        " | ".join(_runs(cell).replace("\n", " / ") for cell in row) for row in rows
    ]
    return "\n".join([lines[0], "-" * min(len(lines[0]), 72), *lines[1:]])


def _underlined(line: str) -> str:
    return f"{line}\n{'-' * min(len(line), 72)}"


def _indented(inner: str, margin: str) -> str:
    return "\n".join((margin + line).rstrip() for line in inner.split("\n"))


def _runs(runs: Iterable[Run]) -> str:
    return "".join(f"[{run.note}]" if run.note else run.text for run in runs)
