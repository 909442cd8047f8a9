"""What a chat remembers: as many of its latest turns as the window holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NewType

import attrs

from zimgpt.domain import estimates

ConversationId = NewType("ConversationId", str)
AnswerId = NewType("AnswerId", str)

TITLE_LENGTH = 60


@attrs.frozen
class Turn:
    """A question of the conversation and the answer it got."""

    answer: AnswerId
    question: str
    reply: str


@attrs.frozen
class Replaced:
    """A turn that, with all after it, made room for what was asked instead."""

    conversation: ConversationId
    turn: AnswerId
    by: AnswerId


@attrs.frozen
class Begun:
    """A question that was just accepted, as other devices of its asker hear of it."""

    conversation: ConversationId
    answer: AnswerId
    client_id: str = ""
    """By which the device knows it that asked; only its own node is told."""


@attrs.frozen
class Remembered:
    """What there is to go with a question."""

    turns: tuple[Turn, ...] = ()
    """Word for word, oldest first."""
    memory: str | None = None
    """What was before them, in short."""
    beyond: tuple[Turn, ...] = ()
    """Turns before them that the memory lacks and shall get."""


def size(turn: Turn) -> int:
    """Model tokens that remembering this turn takes, at most."""
    return estimates.at_most(turn.question) + estimates.at_most(turn.reply)


def window(turns: Sequence[Turn], budget: int) -> tuple[Turn, ...]:
    """The latest turns, oldest first, that together fit ``budget`` model tokens.

    Turns are remembered whole: half an answer misleads a model.
    """
    kept: list[Turn] = []
    left = budget
    for turn in reversed(turns):
        left -= size(turn)
        if left < 0:
            break
        kept.append(turn)
    return tuple(reversed(kept))


def title(question: str) -> str:
    """A name for a conversation: the start of its first question, on one line."""
    line = " ".join(question.split())
    if len(line) <= TITLE_LENGTH:
        return line
    return line[: TITLE_LENGTH - 1].rstrip() + "…"
