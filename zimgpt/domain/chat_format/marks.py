"""A messenger's marks for bold and the like, and words that look like them.

A mark works only at the border of a word and within one line. So marks that are meant
are carried as private signs until their neighbours are known, and then either written
or left out; signs that are not meant, but would work, are replaced by ones that look
the same.
"""

from __future__ import annotations

import re
from typing import Final

OPEN: Final = {"*": "\ue000", "_": "\ue001", "~": "\ue002"}
CLOSE: Final = {"*": "\ue003", "_": "\ue004", "~": "\ue005"}
BREAK: Final = "\ue006"
"""A line's end that the writer set within a paragraph."""

_OURS = re.compile("[\ue000-\ue00f]")
_MARKERS = frozenset({*OPEN.values(), *CLOSE.values()})
_LOOKALIKE: Final = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}


def without_ours(text: str) -> str:
    """Text in which our private signs do not occur."""
    return _OURS.sub("", text)


def harmless(text: str, before: str = "", after: str = "") -> str:
    """Text whose stars, underscores, tildes and backticks will be shown as they are.

    Within a word (``snake_case``) and between spaces (``2 * 3``) they are harmless.
    """
    signs = list(text)
    for place, sign in enumerate(signs):
        if sign not in _LOOKALIKE:
            continue
        left = text[place - 1] if place else before
        right = text[place + 1] if place + 1 < len(text) else after
        if sign == "`" or not (_inner(left, right) or _alone(left, right)):
            signs[place] = _LOOKALIKE[sign]
    return "".join(signs)


def _inner(left: str, right: str) -> bool:
    return left.isalnum() and right.isalnum()


def _alone(left: str, right: str) -> bool:
    return (not left or left.isspace()) and (not right or right.isspace())


def written(line: str) -> str:
    """A paragraph with its marks written where they work, and left out elsewhere."""
    for mark in OPEN:
        line = _pairs(line, mark)
    return _OURS.sub("", line.replace(BREAK, "\n"))


def _pairs(line: str, mark: str) -> str:
    pair = re.compile(f"{OPEN[mark]}([^{OPEN[mark]}]*?){CLOSE[mark]}")

    def one(found: re.Match[str]) -> str:
        before = _neighbour(found.string[: found.start()][::-1])
        after = _neighbour(found.string[found.end() :])
        inner = found[1]
        shown = _OURS.sub("", inner).strip()
        if not shown or before.isalnum() or after.isalnum() or mark in shown:
            return inner
        lead = inner[: len(inner) - len(inner.lstrip())]
        tail = inner[len(inner.rstrip()) :]
        words = inner.strip().replace(BREAK, " ")
        return f"{lead}{mark}{words}{mark}{tail}"

    return pair.sub(one, line)


def _neighbour(text: str) -> str:
    return next((sign for sign in text[:8] if sign not in _MARKERS), "")
