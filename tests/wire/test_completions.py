"""Requests for chat completions as they are read, and answers as they are written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zimgpt.domain.answers import Finish
from zimgpt.domain.errors import BadRequest
from zimgpt.domain.ledger import Usage
from zimgpt.domain.questions import Message
from zimgpt.wire.completed import ChatDelta, Heading
from zimgpt.wire.completions import NoSuchModel, Order, Unsupported, read

HELLO = {"role": "user", "content": "Hello"}


def request(**more: object) -> bytes:
    """A body."""
    return json.dumps({"model": "zimgpt", "messages": [HELLO], **more}).encode()


def test_a_plain_request() -> None:
    """Nothing is asked for but an answer."""
    assert read(request()) == Order((Message("user", "Hello"),), None, False, False)


def test_everything_that_is_understood() -> None:
    """Roles by either name, texts in parts, and the newer name of the limit."""
    messages = [
        {"role": "developer", "content": "Be short."},
        {"role": "assistant", "content": "Yes."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "And "}, *_part("rain?")],
        },
    ]
    more = {"max_tokens": 5, "max_completion_tokens": 7, "stream": True}

    order = read(
        request(messages=messages, stream_options={"include_usage": True}, **more)
    )

    assert order == Order(
        (
            Message("system", "Be short."),
            Message("assistant", "Yes."),
            Message("user", "And rain?"),
        ),
        7,
        True,
        True,
    )


def _part(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text}]


@pytest.mark.parametrize(
    "more",
    [{"temperature": 1}, {"n": None}, {"tools": []}, {"user": "7"}, {"stop": []}],
)
def test_what_asks_for_nothing_is_left_out(more: dict[str, Any]) -> None:
    """Such values are what is done anyway."""
    assert read(request(**more)) == read(request())


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"temperature": 0.2}, "temperature"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"n": 2}, "n"),
        ({"n": True}, "n"),
        ({"later": 1}, "later"),
    ],
)
def test_what_is_not_done_is_refused_by_name(more: dict[str, Any], param: str) -> None:
    """A program that believes otherwise would be wrong."""
    with pytest.raises(Unsupported, match=param) as refused:
        read(request(**more))

    assert refused.value.param == param


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        request(messages=[]),
        request(messages=[{"role": "judge", "content": "x"}]),
        request(messages=[{"role": "user", "content": [{"type": "image_url"}]}]),
        request(max_tokens=0),
        request(stream="yes"),
    ],
)
def test_what_is_no_request(body: bytes) -> None:
    """It is refused with a sentence."""
    with pytest.raises(BadRequest):
        read(body)


def test_another_model() -> None:
    """Which one answers is ours to decide."""
    with pytest.raises(NoSuchModel):
        read(request(model="gpt-5"))


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        (Finish.STOP, "stop"),
        (Finish.FILTERED, "content_filter"),
        (Finish.LENGTH, "length"),
        (Finish.CUT, "length"),
    ],
)
def test_an_answer_in_one_piece(finish: Finish, reason: str) -> None:
    """Its text, why it ended, and what it used."""
    whole = json.loads(Heading("7", 1).whole("Rain.", finish, Usage(3, 4)))

    (choice,) = whole["choices"]
    assert whole["id"] == "chatcmpl-7"
    assert whole["object"] == "chat.completion"
    assert choice["message"]["content"] == "Rain."
    assert choice["finish_reason"] == reason
    assert whole["usage"]["total_tokens"] == 7


def test_an_answer_in_parts() -> None:
    """Each part says whether the use will be told, and the last one tells it."""
    heading = Heading("7", 1)

    quiet = json.loads(heading.chunk(ChatDelta(content="R"), None, counts=False))
    part = json.loads(heading.chunk(ChatDelta(content="R"), None, counts=True))
    last = json.loads(heading.count(None))

    assert "usage" not in quiet
    assert part["usage"] is None
    assert part["choices"][0]["delta"] == {"content": "R"}
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] == 0
