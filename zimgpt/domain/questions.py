"""Questions of both kinds, and what the model is told."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Literal

import attrs

from zimgpt.domain import estimates
from zimgpt.domain.conversations import Turn
from zimgpt.domain.errors import Refusal
from zimgpt.domain.prompts import LANGUAGES, told
from zimgpt.domain.texts import Language

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

MOST_RAW: Final = 4_096
"""The same of an answer to a program, which sends a whole list of messages."""

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
    """This question is too long. Please keep it under about 5,000 words."""

    code = "question_too_long"


class QuestionUnstorable(Refusal):
    """This question has characters that cannot be stored. Please type it again without them."""  # noqa: E501

    code = "question_unstorable"


class QuestionDiffers(Refusal):
    """This question's id was used before for another question. Please send it with a new id."""  # noqa: E501

    code = "id_reused"


class TurnReplaced(Refusal):
    """Another question has taken this one's place meanwhile. Please look at the chat again, and ask there."""  # noqa: E501

    code = "turn_replaced"


class TurnOpen(Refusal):
    """An answer in this chat is still being written. Please wait for its end or stop it, and ask again then."""  # noqa: E501

    code = "turn_open"


def instructions(kind: Kind, language: Language | None = None) -> str:
    """What a model is told first; without a language it answers in the question's."""
    if language is None:
        return told(str(kind), language="the language of the question")
    wanted = f"{LANGUAGES[language]}, unless the question asks for another language"
    return told(str(kind), language=wanted)


BLANKS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs, says Unicode, that show nothing: Hangul fillers, empty Braille."""


def check(text: str) -> str:
    """The question as it will be asked; refuses one that is too long, has what
    PostgreSQL cannot store (U+0000, lone surrogates) or shows nothing."""
    try:
        length = len(text.encode())
    except UnicodeEncodeError:
        raise QuestionUnstorable from None
    if length > LONGEST:
        raise QuestionTooLong
    if "\x00" in text:
        raise QuestionUnstorable
    if not any(map(_visible, text)):
        raise EmptyQuestion
    return text


def _visible(character: str) -> bool:
    """Not a space, a control, a format character or a mark without its letter."""
    category = unicodedata.category(character)
    return (
        category[0] not in "ZM"
        and category not in ("Cc", "Cf")
        and character not in BLANKS
    )


def prompt(
    kind: Kind,
    question: str,
    remembered: Sequence[Turn],
    memory: str | None = None,
    language: Language | None = None,
) -> tuple[Message, ...]:
    """Every message for the model: instructions and what is remembered in short,
    remembered turns, the question."""
    first = instructions(kind, language)
    if memory:
        first += "\n\n" + told("remembered", summary=memory)
    messages = [Message("system", first)]
    for turn in remembered:
        messages.append(Message("user", turn.question))
        messages.append(Message("assistant", turn.reply))
    messages.append(Message("user", question))
    return tuple(messages)


def size(messages: Sequence[Message]) -> int:
    """Model tokens that these messages take, at most."""
    return sum(estimates.at_most(message.content) for message in messages)
