"""What is asked of a model, and what its answers mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.answers import Finish
from zimgpt.domain.ledger import Usage
from zimgpt.domain.questions import Message
from zimgpt.wire import openai
from zimgpt.wire.openai import MOST_BYTES, MOST_TEXT, Reply, retry_after

if TYPE_CHECKING:
    from openai.types.chat.completion_create_params import (
        CompletionCreateParamsStreaming,
    )

PROMPT = (
    Message("system", "Be kind."),
    Message("user", "Mhoro?"),
    Message("assistant", "Mhoro!"),
    Message("user", "Ndeipi 👍"),
)


def event(data: object) -> bytes:
    """One event as upstreams send it."""
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def said(content: object, **choice: object) -> bytes:
    """An event with a piece of text."""
    return event({"choices": [{"delta": {"content": content}, **choice}]})


DONE = b"data: [DONE]\n\n"


def test_a_request_is_what_openai_documents() -> None:
    """Model, messages, limit, and a stream with a usage frame."""
    expected: CompletionCreateParamsStreaming = {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "Mhoro?"},
            {"role": "assistant", "content": "Mhoro!"},
            {"role": "user", "content": "Ndeipi 👍"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 64,
    }

    assert json.loads(openai.request("m", PROMPT, 64)) == expected


def test_the_limit_has_its_newer_name_on_request() -> None:
    """Models that refuse max_tokens are given max_completion_tokens alone."""
    body = json.loads(openai.request("m", PROMPT, 64, "max_completion_tokens"))

    assert body["max_completion_tokens"] == 64
    assert "max_tokens" not in body


def test_a_reply_is_its_pieces_its_finish_and_its_usage() -> None:
    """An ordinary stream, whole in one read."""
    reply = Reply()
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}

    text = reply.feed(
        said("", index=0) + said("Mho") + said("ro", finish_reason=None)
        + event({"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": None})
        + event({"choices": [], "usage": usage})
        + DONE
    )  # fmt: skip

    assert text == "Mhoro"
    assert (reply.finish, reply.usage, reply.done) == (Finish.STOP, Usage(3, 2), True)
    assert (reply.whole, reply.trouble, reply.doubtful) == (True, None, False)
    assert reply.size == 5


STREAM = (
    said("né 👍 ")
    + said("\x00!")
    + b'data: {"choices":[{"delta":{"content":"\\ud83d?"}}]}\n\n'
    + said("end", finish_reason="length")
    + event({"usage": {"prompt_tokens": 1, "completion_tokens": 2}})
    + DONE
)


@given(cuts=st.sets(st.integers(0, len(STREAM))))
def test_the_text_is_the_same_at_every_split(cuts: set[int]) -> None:
    """Not even inside a character or an escape does a read's end show."""
    reply = Reply()

    pieces = [
        reply.feed(STREAM[a:b]) for a, b in pairwise([0, *sorted(cuts), len(STREAM)])
    ]

    assert "".join(pieces) == "né 👍 \ufffd!\ufffd?end"
    assert (reply.finish, reply.usage) == (Finish.LENGTH, Usage(1, 2))
    assert (reply.done, reply.trouble) == (True, None)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", Finish.STOP),
        ("length", Finish.LENGTH),
        ("content_filter", Finish.FILTERED),
        ("anything", Finish.STOP),
        ("tool_calls", Finish.CUT),
        ("function_call", Finish.CUT),
        ("error", Finish.CUT),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_finish_reasons(reason: object, finish: Finish | None) -> None:
    """Each documented reason has its meaning, any other is a plain end."""
    reply = Reply()

    assert reply.feed(said("a", finish_reason=reason)) == "a"
    assert reply.finish == finish
    assert reply.whole == (finish is not None)


@pytest.mark.parametrize(
    "data",
    [
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": {"content": None}}]},
        {"choices": [{"delta": {"content": 5}}]},
        {"choices": [{"delta": {"content": ["a"]}}]},
        {"choices": [{"delta": "x"}]},
        {"choices": [{}]},
        {"choices": ["x"]},
        {"choices": []},
        {"choices": None},
        {"choices": "x"},
        {"object": "something.else", "type": {"deep": [1, 2]}},
        {"error": None},
        {},
        [],
        5,
        "ping",
        None,
    ],
)
def test_what_is_not_understood_is_passed_over(data: object) -> None:
    """Null deltas, missing choices and unknown types neither speak nor end a stream."""
    reply = Reply()

    text = reply.feed(said("a") + event(data) + b"data:\n\n: hm\n\n" + said("b"))

    assert text == "ab"
    assert (reply.trouble, reply.whole, reply.usage) == (None, False, None)


@pytest.mark.parametrize(
    "bad",
    [b"{", b"hello", b'{"choices":[{"delta', b'"\xff"', b"\xff", b"[" * 100_000],
)
def test_broken_json_ends_a_reply_where_it_breaks(bad: bytes) -> None:
    """What came before is kept, what comes after is not read."""
    reply = Reply()

    text = reply.feed(said("a") + b"data: " + bad + b"\n\n" + said("b") + DONE)

    assert text == "a"
    assert reply.trouble == "an event of the stream is not JSON"
    assert (reply.done, reply.feed(said("c"))) == (False, "")


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        ({"message": "overloaded", "code": 502}, "overloaded"),
        ({"code": 5}, "{'code': 5}"),
        ("oh", "oh"),
    ],
)
def test_an_error_in_the_stream_ends_a_reply(error: object, trouble: str) -> None:
    """An error object is trouble, even when it comes as a piece that finishes."""
    reply = Reply()
    choices = [{"delta": {"content": ""}, "finish_reason": "error"}]

    text = reply.feed(said("a") + event({"error": error, "choices": choices}))

    assert text == "a"
    assert reply.trouble == f"an error in the stream: {trouble}"
    assert not reply.whole


@pytest.mark.parametrize(
    ("prompt", "completion"),
    [
        (-1, 5),
        (5, -1),
        (5, 1.5),
        (5.0, 5),
        (5, 10**12),
        (5, 10**40),
        (True, 5),
        ("5", 5),
        (None, 5),
    ],
)
def test_a_use_beyond_belief_is_no_use(prompt: object, completion: object) -> None:
    """Negative, broken, absurd or missing numbers count as no usage frame at all."""
    reply = Reply()
    usage = {"prompt_tokens": prompt, "completion_tokens": completion}

    reply.feed(said("a") + event({"choices": [], "usage": usage}))

    assert (reply.usage, reply.doubtful, reply.trouble) == (None, True, None)


@pytest.mark.parametrize("usage", [[], {}, "none", 7, {"prompt_tokens": 5}])
def test_a_usage_frame_of_another_shape_is_no_use(usage: object) -> None:
    """Only both numbers together are a use."""
    reply = Reply()

    reply.feed(event({"usage": usage}))

    assert (reply.usage, reply.doubtful) == (None, True)


@pytest.mark.parametrize("use", [Usage(0, 0), Usage(10**9, 10**9)])
def test_zero_and_large_uses_are_believed(use: Usage) -> None:
    """Zero is a number like others."""
    reply = Reply()
    usage = {"prompt_tokens": use.prompt, "completion_tokens": use.completion}

    reply.feed(event({"usage": usage}))

    assert (reply.usage, reply.doubtful) == (use, False)


def test_nothing_is_read_after_the_end_mark() -> None:
    """[DONE] is the end, in the same read or later."""
    reply = Reply()

    assert reply.feed(said("a") + b"data: [DONE] \n\n" + said("b") + b"data: {") == "a"
    assert reply.feed(b"\n\n" + said("c")) == ""
    assert (reply.done, reply.trouble) == (True, None)


def test_an_event_too_long_ends_a_reply() -> None:
    """The text before it is kept."""
    reply = Reply()

    assert reply.feed(said("a") + b"data: " + b"x" * 2_000_000) == "a"
    assert reply.trouble == "an event of the stream is too long"


def test_the_end_mark_before_too_long_an_event_is_the_end() -> None:
    """What follows the end cannot spoil it."""
    reply = Reply()

    assert reply.feed(said("a") + DONE + b"data: " + b"x" * 2_000_000) == "a"
    assert (reply.done, reply.trouble) == (True, None)


def test_a_text_too_long_is_cut_at_a_whole_character() -> None:
    """The text ends within its bound, and does not pass for whole."""
    reply = Reply()
    first = reply.feed(said("a" * (MOST_TEXT - 5)))

    rest = reply.feed(said("éé") + said("é", finish_reason="stop") + DONE)

    assert (len(first), rest) == (MOST_TEXT - 5, "éé")
    assert (reply.size, reply.trouble) == (MOST_TEXT, "the answer is too long")
    assert not reply.whole


def test_a_stream_of_nothing_comes_to_an_end() -> None:
    """Comments for ever are trouble as well."""
    reply = Reply()
    megabyte = (b":" + b" " * 1021 + b"\n\n") * 1024

    for _ in range(MOST_BYTES // len(megabyte)):
        assert reply.feed(megabyte) == ""
    assert reply.trouble is None
    reply.feed(b":\n\n")

    assert reply.trouble == "the stream is too long"


NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("2", 2.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("Sun, 22 Nov 2026 12:00:07 GMT", 7.0),
        ("Sun, 22 Nov 2026 12:00:07 -0000", 7.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("nan", None),
        ("1e9", None),
        ("9" * 5000, None),
        ("٢", None),
        ("Sun, 99 Nov 2026 12:00:07 GMT", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    """Seconds or a date; whatever else it says, it says nothing."""
    assert retry_after(value, None, NOW) == seconds


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ("Sun, 22 Nov 2026 12:10:00 GMT", 7.0),
        ("Sun, 22 Nov 2026 12:10:09 GMT", 0.0),
        ("whenever", 607.0),
    ],
)
def test_a_date_counts_from_the_replys_own(sent: str, seconds: float) -> None:
    """A node whose clock is ten minutes off comes back neither early nor late."""
    assert retry_after("Sun, 22 Nov 2026 12:10:07 GMT", sent, NOW) == seconds
