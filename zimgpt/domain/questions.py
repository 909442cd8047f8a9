"""Questions of both kinds, and what the model is told."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Literal

import attrs

from zimgpt.domain import estimates
from zimgpt.domain.conversations import Turn
from zimgpt.domain.errors import Refusal

LONGEST: Final = 32_768
"""Bytes of UTF-8 in a question."""

LEAST_ANSWER: Final = 64
"""Model tokens below which an answer is not worth beginning."""


class Kind(StrEnum):
    """Chat remembers its conversation; an essay stands alone and is long."""

    CHAT = "chat"
    ESSAY = "essay"


MOST_ANSWER: Final = {Kind.CHAT: 1_024, Kind.ESSAY: 4_096}
"""Model tokens an answer may take unless the asker wants fewer."""

Role = Literal["system", "user", "assistant"]


@attrs.frozen
class Message:
    """One message of a prompt."""

    role: Role
    content: str


class EmptyQuestion(Refusal):
    """Please write your question first."""

    code = "question_empty"


class QuestionTooLong(Refusal):
    """This question is too long. Please keep it under 32,000 characters."""

    code = "question_too_long"


class QuestionDiffers(Refusal):
    """This question's id was used before for another question. Please send it with a new id."""  # noqa: E501

    code = "id_reused"


INSTRUCTIONS: Final = {
    Kind.CHAT: (
        "You are ZimGPT, a helpful assistant for people in Zimbabwe. Answer in the "
        "language of the question, clearly and briefly. Say so when you are not sure."
    ),
    Kind.ESSAY: (
        "You are ZimGPT, a scholarly writer. Write a complete, well structured essay "
        "on the question, with an introduction, headed sections and a conclusion, in "
        "the language of the question. Do not invent sources; mark claims that are "
        "uncertain."
    ),
}


def check(text: str) -> str:
    """The question as it will be asked; refuses an empty or oversized one."""
    if not text.strip():
        raise EmptyQuestion
    if len(text.encode()) > LONGEST:
        raise QuestionTooLong
    return text


def prompt(
    kind: Kind, question: str, remembered: Sequence[Turn]
) -> tuple[Message, ...]:
    """Every message for the model: instructions, remembered turns, the question."""
    messages = [Message("system", INSTRUCTIONS[kind])]
    for turn in remembered:
        messages.append(Message("user", turn.question))
        messages.append(Message("assistant", turn.reply))
    messages.append(Message("user", question))
    return tuple(messages)


def size(messages: Sequence[Message]) -> int:
    """Model tokens that these messages take, at most."""
    return sum(estimates.at_most(message.content) for message in messages)
