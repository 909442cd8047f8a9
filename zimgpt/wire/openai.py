"""The chat completions of OpenAI and of everything compatible: what the bytes mean.

A request asks for a stream with a usage frame at its end. A reply is read with the
tolerance that many upstreams need (null deltas, missing choices, unknown fields) and
never with more trust than that: broken JSON, an error inside the stream and sizes
beyond reason end it.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Literal, assert_never

import msgspec

from zimgpt.domain.answers import Finish
from zimgpt.domain.ledger import Usage
from zimgpt.domain.questions import Message
from zimgpt.wire import sse

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam
    from openai.types.chat.completion_create_params import (
        CompletionCreateParamsStreaming,
    )

Limit = Literal["max_tokens", "max_completion_tokens"]
"""The name of the limit: OpenAI's newer models refuse the first, others the second."""

MOST_TEXT: Final = 512 * 1024
"""Bytes of UTF-8 in an answer."""

MOST_BYTES: Final = 64 * 1024 * 1024
"""Bytes of the stream around them; a large answer takes about two million."""

MOST_USAGE: Final = 1_000_000_000
"""Model tokens beyond which a usage frame is nonsense."""

_FINISHES: Final = {
    "length": Finish.LENGTH,
    "content_filter": Finish.FILTERED,
    "error": Finish.CUT,  # not OpenAI's: how some resellers tell of their upstream
    "tool_calls": Finish.CUT,  # no tool was offered, so nobody can go on from there
    "function_call": Finish.CUT,
}
"""Any other reason is a plain end."""

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


# ---- what is asked -------------------------------------------------------------


def request(
    model: str,
    prompt: Sequence[Message],
    max_tokens: int,
    limit: Limit = "max_tokens",
) -> bytes:
    """The body of a request for a stream of at most ``max_tokens`` model tokens."""
    body: CompletionCreateParamsStreaming = {
        "model": model,
        "messages": [_param(message) for message in prompt],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if limit == "max_tokens":
        body["max_tokens"] = max_tokens
    else:
        body["max_completion_tokens"] = max_tokens
    return msgspec.json.encode(body)


def _param(message: Message) -> ChatCompletionMessageParam:
    match message.role:
        case "system":
            return {"role": "system", "content": message.content}
        case "user":
            return {"role": "user", "content": message.content}
        case "assistant":
            return {"role": "assistant", "content": message.content}
        case _:
            assert_never(message.role)


# ---- what is answered ----------------------------------------------------------


class _Delta(msgspec.Struct, gc=False):
    content: str | None = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None


_decode = msgspec.json.Decoder(_Chunk).decode


class Reply:
    """What a stream has said so far, but for its text, which ``feed`` returns.

    ``trouble`` says, for the log, why the rest cannot be read; ``doubtful`` that a
    usage frame was not believed; ``size`` is the text's, in bytes of UTF-8.
    """

    def __init__(self) -> None:
        self.finish: Finish | None = None
        self.usage: Usage | None = None
        self.doubtful = False
        self.done = False
        self.trouble: str | None = None
        self.size = 0
        self._events = sse.Decoder()
        self._received = 0

    @property
    def whole(self) -> bool:
        """The model has said why it ended, so nothing is missing but perhaps usage."""
        return self.done or self.finish is not None

    def feed(self, data: bytes) -> str:
        """The text in the events that these bytes complete; fit for PostgreSQL."""
        self._received += len(data)
        late = "the stream is too long" if self._received > MOST_BYTES else None
        try:
            events = self._events.feed(data)
        except sse.EventTooLong as error:
            events = error.before
            late = str(error)
        text = "".join([piece for event in events if (piece := self._read(event))])
        if not self.done and self.trouble is None:
            self.trouble = late
        return self._bounded(text) if text else ""

    def _read(self, event: bytes) -> str | None:
        """One event's text; None for anything else, and for all after the end."""
        if self.done or self.trouble is not None:
            return None
        try:
            chunk = _decode(event)
        except (ValueError, RecursionError):
            # msgspec's own errors are ValueErrors, and so is UTF-8 that is none.
            chunk = self._unusual(event)
        if chunk.usage is not None or chunk.error:
            self._note(chunk)
        if not chunk.choices or self.trouble is not None:
            return None
        choice = chunk.choices[0]
        if choice.finish_reason:
            self.finish = _FINISHES.get(choice.finish_reason, Finish.STOP)
        return choice.delta.content if choice.delta is not None else None

    def _unusual(self, event: bytes) -> _Chunk:
        """The end mark, other types than documented, and what is no JSON at all."""
        event = event.strip()
        if event == b"[DONE]":
            self.done = True
        elif event:
            try:
                return _lenient(json.loads(event.decode()))
            except (ValueError, RecursionError):
                self.trouble = "an event of the stream is not JSON"
        return _Chunk()

    def _note(self, chunk: _Chunk) -> None:
        if chunk.usage is not None:
            self.usage = _usage(chunk.usage)
            self.doubtful = self.usage is None
        if chunk.error:
            self.trouble = "an error in the stream: " + _message(chunk.error)

    def _bounded(self, text: str) -> str:
        if "\x00" in text:
            text = text.replace("\x00", "\ufffd")
        encoded = text.encode()
        room = MOST_TEXT - self.size
        self.size += min(len(encoded), room)
        if len(encoded) <= room:
            return text
        self.trouble = "the answer is too long"
        self.done = False
        self.finish = None  # whatever it said, what is kept is not whole
        return encoded[:room].decode(errors="ignore")


def _lenient(value: object) -> _Chunk:
    """What can be used of an event whose types are not the documented ones.

    Also those with half of a surrogate pair, which only this decoder lets pass.
    """
    if not isinstance(value, dict):
        return _Chunk()
    chunk = _Chunk(usage=value.get("usage"), error=value.get("error"))
    match value.get("choices"):
        case [{**choice}, *_]:
            finish = choice.get("finish_reason")
            delta = choice.get("delta")
            content = delta.get("content") if isinstance(delta, dict) else None
            chunk.choices = [
                _Choice(
                    _Delta(_clean(content) if isinstance(content, str) else None),
                    finish if isinstance(finish, str) else None,
                )
            ]
    return chunk


def _clean(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)


def _usage(value: object) -> Usage | None:
    """A usage frame that can be believed; None for any other."""
    match value:
        case {"prompt_tokens": int(prompt), "completion_tokens": int(completion)}:
            counts = (prompt, completion)
            if all(type(n) is int and 0 <= n <= MOST_USAGE for n in counts):
                return Usage(prompt, completion)
    return None


def _message(error: object) -> str:
    match error:
        case {"message": str(message)}:
            return message
        case _:
            return str(error)


# ---- when to come back ---------------------------------------------------------

_SECONDS: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def retry_after(value: str | None, sent: str | None, now: datetime) -> float | None:
    """Seconds in a Retry-After header; None if it says nothing clear.

    A date counts from ``sent``, the reply's own Date header, so that it means the same
    whatever our clock says; from ``now`` if there is none.
    """
    if value is None:
        return None
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    date = _date(value)
    if date is None:
        return None
    return max(0.0, (date - (_date(sent or "") or now)).total_seconds())


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if date.tzinfo is None:  # the date's way of writing an unknown zone, -0000
        date = date.replace(tzinfo=UTC)
    return date
