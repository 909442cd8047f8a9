"""Markdown as models write it: strict CommonMark with tables, and with formulas as
tokens of their own, ``math``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

DEEPEST: Final = 60
"""Blocks within blocks; the parser leaves out what is deeper."""

_FENCED = re.compile(r"(^ {0,3}(```+|~~~+).*?(?:^ {0,3}\2|\Z))", re.M | re.S)
_DISPLAY = re.compile(r"\$\$.+?\$\$|\\\[.+?\\\]", re.S)
_INLINE = re.compile(
    r"\$\$(?P<a>.+?)\$\$|\\\[(?P<b>.+?)\\\]|\\\((?P<c>.+?)\\\)"
    r"|\$(?![\s$])(?P<d>[^$\n]*?[^$\s\\])\$(?!\d)",
    re.S,
)


def make_parser() -> MarkdownIt:
    """A parser of our dialect, to be kept, for making one takes a while."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST})
    parser.enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "math", _math)
    return parser


def parsed(parser: MarkdownIt, source: str) -> Sequence[Token]:
    """The tokens of a text whose lines end in a plain line feed."""
    pieces = _FENCED.split(source)
    # Of the three groups a split gives, every third is text and the next its fence.
    joined = "".join(
        _DISPLAY.sub(lambda found: found[0].replace("\n", " "), piece)
        if place % 3 == 0
        else piece
        for place, piece in enumerate(pieces)
        if place % 3 != 2
    )
    return parser.parse(joined)


def too_deep(tokens: Sequence[Token]) -> bool:
    """Whether something may have been left out."""
    return max((token.level for token in tokens), default=0) >= DEEPEST - 2


def _math(state: StateInline, silent: bool) -> bool:
    """A rule of markdown-it: what stands between dollars is one formula."""
    found = _INLINE.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        token = state.push("math", "", 0)
        token.content = next(part for part in found.groups() if part is not None)
    state.pos = found.end()
    return True
