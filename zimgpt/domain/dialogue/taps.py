"""Ids of our buttons and rows.

An id says which generation of our menus it belongs to, what it answers and with what:
``z1:essay.level:o``. Old messages keep their buttons for ever, so an id of another
generation, or for a step that is over, is told apart instead of guessed at.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import attrs

from zimgpt.domain.dialogue.words import Intent

GENERATION: Final = "z1"
LONGEST: Final = 200
"""Signs that a messenger allows in an id of a row."""


class Asked(StrEnum):
    """What a button is an answer to."""

    GO = "go"
    TONGUE = "tongue"
    LEVEL = "essay.level"
    LENGTH = "essay.length"
    WRITTEN_IN = "essay.tongue"
    STYLE = "essay.style"
    POINTS = "essay.points"
    ESSAY_YES = "essay.yes"
    SKETCH = "essay.sketch"
    OUTLINE = "essay.outline"
    PACKAGE = "buy.package"
    NUMBER = "buy.number"
    METHODS = "buy.ways"
    METHOD = "buy.way"
    BUY_YES = "buy.yes"
    PAID = "pay.done"
    FORGET_YES = "forget.yes"
    WORD = "word"
    PDF = "pdf"
    MONTH = "statement"


@attrs.frozen
class Tap:
    """An answer by button."""

    asked: Asked
    value: str


def go(intent: Intent) -> str:
    """The id of a button that means what the word means."""
    return written(Asked.GO, intent)


def written(asked: Asked, value: str) -> str:
    """The id of the button that answers ``value``."""
    return f"{GENERATION}:{asked}:{value}"


def read(id_: str) -> Tap | Intent | None:
    """What a tapped id means now; None for one that was never ours, or no longer is."""
    generation, _, rest = id_.partition(":")
    asked, _, value = rest.partition(":")
    if generation != GENERATION:
        return None
    try:
        tap = Tap(Asked(asked), value)
        return Intent(value) if tap.asked is Asked.GO else tap
    except ValueError:
        return None
