"""Chat completions as we answer programs, whole and in parts.

The shapes are OpenAI's (https://platform.openai.com/docs/api-reference/chat).
"""

from __future__ import annotations

from typing import Final, Literal

import attrs
import msgspec
from msgspec import UNSET, UnsetType

from zimgpt.domain.answers import Finish
from zimgpt.domain.ledger import Usage
from zimgpt.wire.completions import MODEL

Why = Literal["stop", "length", "content_filter"]

FINISHES: Final[dict[Finish, Why]] = {
    Finish.STOP: "stop",
    Finish.FILTERED: "content_filter",
}
"""Every other end is one before the end: ``length``."""


class ChatUsage(msgspec.Struct, frozen=True):
    """The model's tokens that were paid for."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatMessage(msgspec.Struct, frozen=True):
    """An answer's text."""

    content: str
    role: Literal["assistant"] = "assistant"
    refusal: None = None


class ChatChoice(msgspec.Struct, frozen=True):
    """The one answer; `finish_reason` is `length` for every end before the end."""

    message: ChatMessage
    finish_reason: Why
    index: Literal[0] = 0
    logprobs: None = None


class ChatCompletion(msgspec.Struct, frozen=True):
    """An answer in one piece; `created` is seconds since 1970."""

    id: str
    created: int
    choices: list[ChatChoice]
    usage: ChatUsage
    object: Literal["chat.completion"] = "chat.completion"
    model: Literal["zimgpt"] = MODEL


class ChatDelta(msgspec.Struct, frozen=True, omit_defaults=True):
    """What comes next of an answer's text; the first part has the role, too."""

    role: Literal["assistant"] | UnsetType = UNSET
    content: str | UnsetType = UNSET


class ChatChunkChoice(msgspec.Struct, frozen=True):
    """A part of the one answer; only the last one has a `finish_reason`."""

    delta: ChatDelta
    finish_reason: Why | None
    index: Literal[0] = 0
    logprobs: None = None


class ChatChunk(msgspec.Struct, frozen=True):
    """The data of an event of a stream. With `stream_options.include_usage` all have
    `usage`, null but in the last one, which has no choices."""

    id: str
    created: int
    choices: list[ChatChunkChoice]
    usage: ChatUsage | UnsetType | None = UNSET
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    model: Literal["zimgpt"] = MODEL


class ChatModel(msgspec.Struct, frozen=True):
    """The one model; which language model answers is decided when it is free to."""

    created: int
    id: Literal["zimgpt"] = MODEL
    object: Literal["model"] = "model"
    owned_by: Literal["zimgpt"] = MODEL


class ChatModels(msgspec.Struct, frozen=True):
    """All models: one."""

    data: list[ChatModel]
    object: Literal["list"] = "list"


@attrs.frozen
class Heading:
    """What all parts of an answer say of it: its id and when it was begun, in seconds
    since 1970."""

    id: str
    created: int

    def whole(self, text: str, finish: Finish, usage: Usage | None) -> bytes:
        """The answer in one piece."""
        choice = ChatChoice(ChatMessage(text), _why(finish))
        return msgspec.json.encode(
            ChatCompletion(self._name, self.created, [choice], _usage(usage))
        )

    def chunk(self, delta: ChatDelta, finish: Finish | None, *, counts: bool) -> bytes:
        """A part of a stream; ``counts`` says that its use will be told at its end."""
        why = None if finish is None else _why(finish)
        choice = ChatChunkChoice(delta, why)
        return msgspec.json.encode(
            ChatChunk(self._name, self.created, [choice], None if counts else UNSET)
        )

    def count(self, usage: Usage | None) -> bytes:
        """The last part of a stream whose use is told."""
        return msgspec.json.encode(
            ChatChunk(self._name, self.created, [], _usage(usage))
        )

    @property
    def _name(self) -> str:
        return f"chatcmpl-{self.id}"


def _why(finish: Finish) -> Why:
    return FINISHES.get(finish, "length")


def _usage(usage: Usage | None) -> ChatUsage:
    usage = usage or Usage(0, 0)
    return ChatUsage(usage.prompt, usage.completion, usage.prompt + usage.completion)


def event(data: bytes) -> bytes:
    """A server-sent event."""
    return b"data: " + data + b"\n\n"


DONE: Final = event(b"[DONE]")
WAITING: Final = b": waiting\n\n"
"""A comment, so that proxies do not take a long thought for a dead connection."""
