"""Nodes that take a misbehaving model at its word, each in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partialmethod
from typing import Any

from treq.client import HTTPClient

from zimgpt.domain import answers, circuits
from zimgpt.domain.ledger import Usage
from zimgpt.flows import models
from zimgpt.outbound import openai as client
from zimgpt.outbound.openai_stream import Limits
from zimgpt.wire import openai, sse

FOR_EVER = 10.0**6


def _limits(**seconds: float) -> None:
    """Limits that are not those of the configuration."""
    make = Limits.__init__

    def patient(self: Limits, **given: float) -> None:
        make(self, **(given | seconds))

    Limits.__init__ = patient  # type: ignore[method-assign,assignment]


def try_once() -> None:
    """A refusal is final."""
    models.WAITS = ()  # type: ignore[misc,assignment]


def ignore_retry_after() -> None:
    """When to come back is not heeded."""
    client.wire.retry_after = lambda *_: None  # type: ignore[attr-defined]


def never_open() -> None:
    """Failures are not counted."""
    circuits.failed = lambda circuit, *_: circuit


def wait_for_first_byte() -> None:
    """A model may take its time to begin."""
    _limits(first_byte=FOR_EVER, whole=FOR_EVER)


def wait_for_next_byte() -> None:
    """A model may fall silent."""
    _limits(idle=FOR_EVER, whole=FOR_EVER)


def wait_for_the_end() -> None:
    """A model may never end."""
    _limits(whole=FOR_EVER)


def take_any_end_for_whole() -> None:
    """A stream that breaks off has ended."""
    openai.Reply.whole = True  # type: ignore[method-assign,assignment]


def careless(data: bytes) -> bytes:
    """Bytes, if each read were decoded on its own."""
    return data.decode(errors="replace").encode()


def decode_each_read() -> None:
    """A letter that comes in two reads is broken."""
    feed = sse.Decoder.feed
    sse.Decoder.feed = (  # type: ignore[method-assign]
        lambda self, data: feed(self, careless(data))
    )


def skip_broken_json() -> None:
    """What cannot be read is passed over."""
    openai.Reply._unusual = lambda self, event: _skipped(self, event)  # type: ignore[method-assign]


def _skipped(reply: openai.Reply, event: bytes) -> Any:  # noqa: ANN401
    reply.done = event.strip() == b"[DONE]"
    return openai._Chunk()


def skip_errors() -> None:
    """An error in the stream is passed over."""
    note = openai.Reply._note

    def unworried(self: openai.Reply, chunk: Any) -> None:  # noqa: ANN401
        chunk.error = None
        note(self, chunk)

    openai.Reply._note = unworried  # type: ignore[method-assign]


def believe_any_use() -> None:
    """The model's count is charged, whatever it is."""
    openai._usage = _gullible
    answers.plausible = lambda reported, **_: reported


def _gullible(value: Any) -> Usage:  # noqa: ANN401
    return Usage(abs(int(value["prompt_tokens"])), abs(int(value["completion_tokens"])))


def follow_redirects() -> None:
    """Where the model points, the question goes."""
    request = HTTPClient.request

    def follow(self: Any, *args: Any, **given: Any) -> Any:  # noqa: ANN401
        return request(self, *args, **(given | {"allow_redirects": True}))

    HTTPClient.request = follow  # type: ignore[method-assign]


def read_without_bound() -> None:
    """A line may be of any length."""
    sse.Decoder.__init__ = partialmethod(sse.Decoder.__init__, most=2**40)  # type: ignore[method-assign,assignment]
    openai.MOST_BYTES = 2**40  # type: ignore[misc]


def take_any_reason_for_an_end() -> None:
    """Why a model ended is not looked at."""
    openai._FINISHES = {}  # type: ignore[misc]


MUTANTS: Mapping[str, Callable[[], None]] = {
    "try-once": try_once,
    "ignore-retry-after": ignore_retry_after,
    "never-open": never_open,
    "wait-for-first-byte": wait_for_first_byte,
    "wait-for-next-byte": wait_for_next_byte,
    "wait-for-the-end": wait_for_the_end,
    "take-any-end-for-whole": take_any_end_for_whole,
    "decode-each-read": decode_each_read,
    "skip-broken-json": skip_broken_json,
    "skip-errors": skip_errors,
    "believe-any-use": believe_any_use,
    "follow-redirects": follow_redirects,
    "read-without-bound": read_without_bound,
    "take-any-reason-for-an-end": take_any_reason_for_an_end,
}
