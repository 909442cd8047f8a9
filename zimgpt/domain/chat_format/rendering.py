"""Markdown, as models write it, in a messenger's formatting.

Blocks become lines under one another: headings are bold, tables a line a row, links are
their text and address. Nothing that was written is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markdown_it.tree import SyntaxTreeNode

from zimgpt.domain.chat_format.latex import readable
from zimgpt.domain.chat_format.marks import (
    BREAK,
    CLOSE,
    OPEN,
    harmless,
    without_ours,
    written,
)
from zimgpt.domain.markdown import make_parser, parsed, too_deep

RULE: Final = "———"
_MARKS: Final = {"strong": "*", "em": "_", "s": "~"}


_PARSER = make_parser()


def formatted(markdown: str) -> str:
    """The text for a messenger."""
    source = without_ours(markdown.replace("\r\n", "\n").replace("\r", "\n"))
    tokens = parsed(_PARSER, source)
    if too_deep(tokens):
        return harmless(source).strip("\n")
    return "\n\n".join(_blocks(SyntaxTreeNode(tokens).children)).strip("\n")


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> list[str]:
    return [text for node in nodes if (text := _block(node))]


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "heading":
            return _heading(node)
        case "paragraph":
            return _paragraph(node)
        case "bullet_list" | "ordered_list":
            return _list(node)
        case "blockquote":
            inner = "\n\n".join(_blocks(node.children))
            return "\n".join(f"> {line}".rstrip() for line in inner.split("\n"))
        case "fence" | "code_block":
            return _code(node.content)
        case "table":
            return _table(node)
        case "hr":
            return RULE
        case _:
            return harmless(node.content)


def _code(content: str) -> str:
    body = content.rstrip("\n").replace("```", "ˋˋˋ")
    return f"```\n{body}\n```" if body.strip() else ""


def _heading(node: SyntaxTreeNode) -> str:
    inner = _inline(node.children[0], frozenset("*")) if node.children else ""
    return written(f"{OPEN['*']}{inner.replace(BREAK, ' ')}{CLOSE['*']}")


def _paragraph(node: SyntaxTreeNode) -> str:
    return written(_inline(node.children[0]) if node.children else "")


def _list(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    lines: list[str] = []
    for place, item in enumerate(node.children):
        mark = "-" if node.type == "bullet_list" else f"{first + place}."
        inner = "\n".join(_blocks(item.children))
        head, *rest = inner.split("\n")
        lines.append(f"{mark} {head}".rstrip())
        lines += [f"  {line}" if _outside(line) else line for line in rest]
    return "\n".join(lines)


def _outside(line: str) -> bool:
    return bool(line)


def _table(node: SyntaxTreeNode) -> str:
    rows = [
        [
            written(_inline(cell.children[0], frozenset("*"))) if cell.children else ""
            for cell in row.children
        ]
        for part in node.children
        for row in part.children
    ]
    head, *body = rows
    lines = [f"*{': '.join(filter(None, [*head[:1], ', '.join(head[1:])]))}*"]
    for row in body:
        rest = row[1:]
        if len(rest) > 1:
            rest = [
                f"{name} {cell}".strip()
                for name, cell in zip(head[1:], rest, strict=False)
                if cell
            ]
        lines.append(f"- {': '.join(filter(None, [row[0], '; '.join(rest)]))}")
    return "\n".join(lines)


def _inline(node: SyntaxTreeNode, within: frozenset[str] = frozenset()) -> str:
    """The words of a paragraph; ``within`` are marks that already hold around it."""
    children = node.children
    shown = [_piece(child, within) for child in children]
    for place, child in enumerate(children):
        if child.type == "text":
            before = shown[place - 1][-1:] if place else ""
            after = children[place + 1].content[:1] if place + 1 < len(children) else ""
            shown[place] = harmless(child.content, before, after)
    return "".join(shown)


def _piece(node: SyntaxTreeNode, within: frozenset[str]) -> str:
    match node.type:
        case "strong" | "em" | "s":
            mark = _MARKS[node.type]
            inner = _inline(node, within | {mark})
            return inner if mark in within else OPEN[mark] + inner + CLOSE[mark]
        case "code_inline":
            body = node.content.replace("`", "ˋ")
            return f"`{body}`" if body.strip() else body
        case "softbreak" | "hardbreak":
            return BREAK
        case "math":
            return harmless(readable(node.content)).replace("\n", BREAK)
        case "link":
            return _link(_inline(node, within), str(node.attrs.get("href", "")))
        case "image":
            return _link(harmless(node.content), str(node.attrs.get("src", "")))
        case _:
            return harmless(node.content)


def _link(words: str, address: str) -> str:
    if not words or words in (address, address.removeprefix("mailto:")):
        return address.removeprefix("mailto:")
    return f"{words} ({address})" if address else words
