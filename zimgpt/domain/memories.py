"""What a chat remembers beyond its latest turns: the turns before them, in short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from zimgpt.domain import estimates
from zimgpt.domain.conversations import Turn, window
from zimgpt.domain.prompts import told
from zimgpt.domain.questions import Message

MOST: Final = 400
"""Model tokens of a memory, at most."""

WORDS: Final = 200
"""Words that a model is asked to keep it to."""

LEAST_WINDOW: Final = 1_000
"""Model tokens of a window below which there is no memory beside it."""

FULL: Final = 32
"""Turns after which the older ones are put into the memory, however short."""

KEPT: Final = 16
"""Turns that stay word for word then, at most."""

CLIPPED: Final = 2_000
"""Characters of a question or an answer that go into a memory."""

LONGEST: Final = 8_000
"""Characters of a memory that are kept."""


@attrs.frozen
class Recall:
    """What goes with a question."""

    kept: tuple[Turn, ...]
    """Word for word."""
    fold: tuple[Turn, ...] = ()
    """To be put into the memory first."""


def recall(turns: Sequence[Turn], memory: str | None, budget: int) -> Recall:
    """Parts the turns that the memory does not cover, oldest first.

    When they outgrow ``budget`` model tokens, about half of it is kept, so that the
    next questions need no new memory.
    """
    room = budget - (estimates.at_most(memory) if memory else 0)
    kept = window(turns, room)
    if budget < LEAST_WINDOW or len(kept) == len(turns) < FULL:
        return Recall(kept)
    kept = window(turns, (budget - MOST) // 2)[-KEPT:]
    return Recall(kept, tuple(turns[: len(turns) - len(kept)]))


def asked(
    memory: str | None, turns: Sequence[Turn], budget: int
) -> tuple[Message, ...]:
    """Asks a model for the memory of these turns and of what it knew before.

    No more than twice ``budget`` model tokens of turns, the latest first.
    """
    parts = [f"The earlier memory:\n{memory}"] if memory else []
    short = [_clipped(turn) for turn in turns]
    parts += [
        f"The person: {turn.question}\n\nZimGPT: {turn.reply}"
        for turn in window(short, 2 * budget)
    ]
    instructions = told("summary", words=WORDS)
    return Message("system", instructions), Message("user", "\n\n".join(parts))


def _clipped(turn: Turn) -> Turn:
    return Turn(turn.answer, turn.question[:CLIPPED], turn.reply[:CLIPPED])
