"""A program's list of messages as it is kept: JSON, each with its role and text."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from zimgpt.domain.questions import Message, Role

_decoder = msgspec.json.Decoder(list[tuple[Role, str]])


def stored(messages: Sequence[Message]) -> str:
    """The list as a question's text."""
    pairs = [(message.role, message.content) for message in messages]
    return msgspec.json.encode(pairs).decode()


def restored(text: str) -> tuple[Message, ...]:
    """The list that was kept."""
    return tuple(Message(role, content) for role, content in _decoder.decode(text))
