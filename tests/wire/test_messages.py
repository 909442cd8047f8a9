"""Messages are the same after they were kept."""

from __future__ import annotations

import json

import pytest

from zimgpt.domain.messages import (
    Button,
    Buttons,
    Choices,
    Document,
    Link,
    Message,
    Row,
    Text,
)
from zimgpt.wire.messages import NotAMessage, from_json, to_json


@pytest.mark.parametrize(
    "message",
    [
        Text("Mhoro 🙂"),
        Buttons("Which?", (Button("a", "A"), Button("b", "B")), "Free"),
        Choices("Which?", "Show", (Row("a", "A", "first"), Row("b", "B"))),
        Link("Pay here", "Pay", "https://chat.example.org/pay", "Safe"),
        Document("essay:1", "essay.pdf", "Your essay"),
    ],
    ids=lambda message: type(message).__name__,
)
def test_comes_back_as_it_was(message: Message) -> None:
    """What is kept as JSON is read again as the same message."""
    kept = json.dumps(to_json(message))

    assert from_json(json.loads(kept)) == message


@pytest.mark.parametrize(
    "kept", [{}, {"type": "song"}, {"type": "text"}, {"type": "buttons", "body": 1}]
)
def test_refuses_what_it_did_not_write(kept: dict[str, object]) -> None:
    """Another version's message is noticed, not half understood."""
    with pytest.raises(NotAMessage):
        from_json(kept)
