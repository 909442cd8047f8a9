"""Simple formulas as plain signs: ``$x^2$`` is x², ``\\frac{a}{b}`` is a/b.

What has no plain signs stays as it was written, so that it can still be read.
"""

from __future__ import annotations

import re
from typing import Final

from zimgpt.domain.chat_format.symbols import (
    ACCENTS,
    DROPPED,
    LOWERED,
    NAMES,
    PLAIN,
    RAISED,
)

DEEPEST: Final = 20
"""Groups within groups; what is nested deeper is no formula for a messenger."""

_PIECE = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_&]|\s+|[^\\{}^_&\s]|\\", re.DOTALL)
_ROOTS: Final = {"": "√", "2": "√", "3": "∛", "4": "∜"}


def readable(source: str) -> str:
    """The formula in plain signs."""
    text = _Reader(source).until("")
    text = re.sub(r"[ \t]+", " ", text)
    return re.sub(r" *\n *", "\n", text).strip()


class _Reader:
    """A formula, and how far it is read."""

    def __init__(self, source: str) -> None:
        self._pieces = _PIECE.findall(source)
        self._at = 0
        self._depth = 0

    def until(self, end: str) -> str:
        """All up to ``end``, which is passed over; the rest if it never comes."""
        parts: list[str] = []
        while self._at < len(self._pieces):
            if self._pieces[self._at] == end:
                self._at += 1
                break
            parts.append(self._next())
        return "".join(parts)

    def _next(self) -> str:
        piece = self._take()
        if piece.startswith("\\"):
            return self._command(piece)
        if piece == "{":
            return self._group()
        if piece in "^_":
            return _script(self._argument(), piece)
        if piece == "&":
            return " "
        return " " if piece.isspace() else "" if piece == "}" else piece

    def _take(self) -> str:
        piece: str = self._pieces[self._at]
        self._at += 1
        return piece

    def _group(self) -> str:
        if self._depth >= DEEPEST:
            return "{"
        self._depth += 1
        inner = self.until("}")
        self._depth -= 1
        return inner

    def _argument(self) -> str:
        while self._at < len(self._pieces) and self._pieces[self._at].isspace():
            self._at += 1
        if self._at == len(self._pieces):
            return ""
        if self._depth >= DEEPEST:
            return self._take()
        self._depth += 1
        inner = self._next()
        self._depth -= 1
        return inner

    def _option(self) -> str:
        if self._at < len(self._pieces) and self._pieces[self._at] == "[":
            self._at += 1
            return self.until("]").strip()
        return ""

    def _command(self, piece: str) -> str:
        name = piece[1:].rstrip("*")
        if name in NAMES:
            return NAMES[name]
        match name:
            case "frac" | "dfrac" | "tfrac" | "cfrac":
                return f"{_above(self._argument())}/{_bound(self._argument())}"
            case "binom":
                return f"C({self._argument()}, {self._argument()})"
            case "sqrt":
                index = self._option()
                root = _ROOTS.get(index) or _script(index, "^") + "√"
                return root + _bound(self._argument())
            case "begin" | "end":
                self._argument()
                return ""
            case "left" | "right":
                return self._fence()
        if name in PLAIN:
            return self._argument()
        if name in ACCENTS:
            inner = self._argument()
            return inner + ACCENTS[name] if len(inner) == 1 else inner
        return "" if name in DROPPED else piece

    def _fence(self) -> str:
        if self._at < len(self._pieces) and self._pieces[self._at] == ".":
            self._at += 1
        return ""


def _bound(part: str) -> str:
    """In brackets, unless it is one number, one name or in brackets already."""
    part = part.strip()
    if re.fullmatch(r"[\w.°²³¹⁰-ⁿ₀-ₜ√∛∜]*", part) or _bracketed(part):
        return part
    return f"({part})"


def _above(part: str) -> str:
    """A numerator needs brackets only around a sum."""
    part = part.strip()
    flat = re.sub(r"\([^()]*\)", "", part)
    return part if re.fullmatch(r"[^\s+\-−±=/<>()]+", flat) else _bound(part)


def _bracketed(part: str) -> bool:
    return (
        part.startswith("(")
        and part.endswith(")")
        and not re.search(r"[()]", part[1:-1])
    )


def _script(inner: str, mark: str) -> str:
    inner = inner.strip()
    if mark == "^" and inner in ("∘", "°"):
        return "°"
    if mark == "^" and inner and set(inner) <= {"′"}:
        return inner
    signs = RAISED if mark == "^" else LOWERED
    tight = inner.replace(" ", "")
    if tight and all(sign in signs for sign in tight):
        return "".join(signs[sign] for sign in tight)
    if inner.isalnum() and (mark == "_" or len(inner) == 1):
        return mark + inner
    return f"({inner})" if mark == "_" and inner else f"{mark}({inner})" * bool(inner)
