"""Long texts in parts that a messenger takes, cut where a reader would pause."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, TypeAlias

import attrs

from zimgpt.domain.chat_format.graphemes import border, units

LIMIT: Final = 4096
"""UTF-16 units in one message."""

MOST_PARTS: Final = 3
"""Each message costs money and the person's patience: more than these are a file."""

_ROOM: Final = len("\n\n(99/99)") + len("\n```")
_FENCE: Final = "```"
_SPAN = re.compile(r"(?<!\w)([*_~`])(?=\S)([^\n]*?\S)\1(?!\w)")
_PAUSES: Final = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n|[.!?…][\"”')\]]*[*_~]?\s"),
    re.compile(r"\s"),
)
"""Ends of paragraphs, then of lines and sentences, then of words."""


@attrs.frozen
class Parts:
    """Messages to send in this order."""

    texts: tuple[str, ...]


@attrs.frozen
class Lengthy:
    """Too much for messages: send the first part, then the whole as a document."""

    first: str


Fitted: TypeAlias = Parts | Lengthy


def fitted(body: str, tail: str = "", limit: int = LIMIT) -> Fitted:
    """A text in as few messages as hold it, ``tail`` (its cost) at the end of the last
    or, when the rest is a document, of the first."""
    whole = f"{body}\n\n{tail}" if tail else body
    texts = parts(whole, limit)
    if len(texts) <= MOST_PARTS:
        return Parts(texts)
    end = f"\n\n…\n{tail}" if tail else "\n\n…"
    first = next(_pieces(body, limit - units(end) - _ROOM))
    return Lengthy(first + end)


def parts(text: str, limit: int = LIMIT) -> tuple[str, ...]:
    """The text in parts of at most ``limit`` units, numbered if there are several."""
    if units(text) <= limit:
        return (text,)
    pieces = tuple(_pieces(text, limit - _ROOM))
    return tuple(
        f"{piece}\n\n({number}/{len(pieces)})"
        for number, piece in enumerate(pieces, start=1)
    )


def _pieces(text: str, room: int) -> Iterator[str]:
    """Pieces of at most ``room`` units, and a closing fence where one was open."""
    lead = ""
    while units(lead + text) > room:
        place = _cut(text, room - units(lead))
        piece = lead + text[:place].rstrip()
        text = text[place:].lstrip("\n") if _fenced(piece) else text[place:].lstrip()
        lead = ""
        if _fenced(piece):
            piece += f"\n{_FENCE}"
            lead = f"{_FENCE}\n"
        yield piece
    if (text.strip() and text.strip() != _FENCE) or (not lead and text):
        yield lead + text.rstrip()


def _fenced(piece: str) -> bool:
    return piece.count(_FENCE) % 2 == 1


def _cut(text: str, room: int) -> int:
    """Where to cut: at the best pause of the last two thirds, never within a sign."""
    end = _reach(text, room)
    spans = [
        (span.start(), span.end())
        for span in _SPAN.finditer(text, 0, min(len(text), end + LIMIT))
    ]
    for pause in _PAUSES:
        places = [found.end() for found in pause.finditer(text, end // 3, end)]
        for place in reversed(places):
            if not _within(place, spans):
                return place
    return _sign_border(text, end)


def _reach(text: str, room: int) -> int:
    """How many code points fit in ``room`` units."""
    end = min(len(text), room)
    while units(text[:end]) > room:
        end -= max(1, (units(text[:end]) - room) // 2)
    return end


def _within(place: int, spans: list[tuple[int, int]]) -> bool:
    after = bisect_left(spans, (place, 0))  # spans are in order and do not overlap
    return after > 0 and place < spans[after - 1][1]


def _sign_border(text: str, end: int) -> int:
    """The last border of a sign; one that fills a message by itself is cut anyway."""
    place = end
    while place and (not border(text, place) or text[place - 1 : place + 1] == "``"):
        place -= 1
    return place or end
