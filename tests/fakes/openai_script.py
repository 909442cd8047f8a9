"""What the fake upstream says: the wishes in a request, and the events they make."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import attrs

Json = dict[str, Any]

_FAULT = re.compile(r"fault:([a-z]+(?:-[a-z]+)*|\d{3})((?:-[a-z0-9]+)*)")
_USAGES = {
    "zero": 0,
    "large": 10**6,
    "absurd": 10**12,
    "negative": -1,
    "float": 12.5,
}
OUTLINE = (
    "## Introduction\n- what floods are\n\n",
    "## Rain\n- heavy rain\n- long rain\n\n",
    "## Conclusion\n- what to do\n",
)
LETTERS = "né€😀"
"""Letters of one to four bytes."""


@attrs.frozen
class Plan:
    """What an answer will be like."""

    model: str
    prompt: int
    words: int
    wanted: int
    delay: float
    fault: str
    arguments: tuple[str, ...]
    sentences: bool = False
    """Whether every tenth word, and the last one, ends a sentence."""
    lines: tuple[str, ...] = ()
    """What it says instead of its words."""

    def after(self, fault: str) -> int | None:
        """The number of words before a fault; None if it is another."""
        if self.fault != fault:
            return None
        return int(self.arguments[0]) if self.arguments else 5

    def breaks(self) -> set[int | None]:
        """Before which events it breaks or falls silent; the first is number -1."""
        late = self.after("usage-cut")
        after_usage = None if late is None else late + 1
        return {self.after("cut"), self.after("stall"), after_usage} - {None}


def plan(body: Json) -> Plan:
    """Reads the wishes in a request."""
    questions = [m["content"] for m in body["messages"] if m["role"] == "user"]
    text = f"{body['model']} {questions[-1] if questions else ''}"
    found = _FAULT.search(text)
    fault = found[1] if found else ""
    arguments = tuple(found[2].split("-")[1:]) if found else ()
    limit: int = body.get("max_tokens") or body["max_completion_tokens"]
    section = re.search(r"in about (\d+) words", questions[-1] if questions else "")
    lines = OUTLINE if "Write the outline" in body["messages"][0]["content"] else ()
    usual = int(section[1]) if section else len(lines) or 20
    wanted = 0 if fault in ("silent", "nothing") else _number("words", text, usual)
    delay = _number("delay", text, 0)
    if fault == "slow":
        delay = int(arguments[0])
    return Plan(
        model=body["model"],
        prompt=sum(len(message["content"].split()) for message in body["messages"]),
        words=min(wanted, limit),
        wanted=wanted,
        delay=delay / 1000,
        fault=fault,
        arguments=arguments,
        sentences=section is not None,
        lines=lines,
    )


def _number(name: str, text: str, default: int) -> int:
    found = re.search(rf"{name}:(\d+)", text)
    return int(found[1]) if found else default


def text(words: int) -> str:
    """The whole text of an answer of so many words."""
    return " ".join(f"w{i}" for i in range(words))


# ---- what a stream says --------------------------------------------------------


def _event(data: Json) -> bytes:
    return b"data: " + json.dumps(data, separators=(",", ":")).encode() + b"\n\n"


def _chunk(plan: Plan, delta: Json | None, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _event(_frame(plan, [choice], None))


def _frame(plan: Plan, choices: list[Json], usage: Json | None) -> Json:
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion.chunk",
        "created": 1790000000,
        "model": plan.model,
        "choices": choices,
        "usage": usage,
    }


def _word(plan: Plan, i: int) -> bytes:
    if plan.lines:
        return _chunk(plan, {"content": plan.lines[i % len(plan.lines)]})
    end = "." if plan.sentences and (i % 10 == 9 or i == plan.words - 1) else ""
    return _chunk(plan, {"content": f"{' ' if i else ''}w{i}{end}"})


_FINISHES = {"filtered": "content_filter", "tools": "tool_calls"}


def _ending(plan: Plan) -> Iterator[bytes]:
    if plan.fault == "no-done":
        return
    finish = "length" if plan.wanted > plan.words else "stop"
    yield _chunk(plan, {}, _FINISHES.get(plan.fault, finish))
    if plan.fault not in ("no-usage", "usage-early"):
        yield _used(plan)
    yield b"data: [DONE]\n\n"


def _used(plan: Plan) -> bytes:
    prompt: float = plan.prompt
    completion: float = plan.words
    if plan.fault in ("usage-cut", "tools"):
        completion = plan.after(plan.fault) or 0
    kind = plan.fault.removeprefix("usage-")
    if kind in _USAGES:
        prompt = completion = _USAGES[kind]
    usage = {"prompt_tokens": prompt, "completion_tokens": completion}
    usage["total_tokens"] = prompt + completion
    return _event(_frame(plan, [], usage))


def _oddities(plan: Plan) -> Iterator[bytes]:
    yield b": a comment\n\n: another\n\nevent: ping\n\nid: 7\nretry: 10\n\n"
    yield _chunk(plan, None)
    yield _chunk(plan, {"content": None, "reasoning_content": "hm"})
    yield _event({"object": "something.else", "choices": None})
    yield _event({"object": "chat.completion.chunk"})
    yield _event({"choices": "none", "usage": [], "type": {"of": ["thing"]}})
    yield b"data: 5\n\ndata:\n\n"


def answer(plan: Plan) -> Iterator[bytes]:
    """The events of a whole answer, the fault's own among them."""
    if plan.fault == "nothing":
        return
    yield _chunk(plan, {"role": "assistant", "content": ""})
    if plan.fault == "odd":
        yield from _oddities(plan)
    if plan.fault == "usage-early":
        yield _used(plan)
    for i in range(plan.words):
        if i == plan.after("tools"):
            break
        if i == plan.after("usage-cut"):
            yield _used(plan)
        if i == plan.after("error-in-stream"):
            yield _event({"error": {"message": "overloaded", "type": "server_error"}})
        if i == plan.after("broken-json"):
            yield b'data: {"choices":[{"delta"\n\n'
        yield _word(plan, i)
    if plan.fault == "letters":
        yield _lettered(f" {LETTERS}")
    if plan.fault == "unstorable":
        yield b'data: {"choices":[{"delta":{"content":" a\\u0000b\\ud83dc"}}]}\n\n'
    yield from _ending(plan)


def _lettered(text: str) -> bytes:
    """An event with the letters themselves, as many servers send them."""
    said = {"choices": [{"index": 0, "delta": {"content": text}}]}
    return b"data: " + json.dumps(said, ensure_ascii=False).encode() + b"\n\n"


def stream(plan: Plan) -> Iterator[bytes]:
    """An answer as it is sent, write by write; the first one precedes the words."""
    return _BYTES.get(plan.fault, answer)(plan)


def _gzipped(plan: Plan) -> Iterator[bytes]:
    yield gzip.compress(b"".join(answer(plan)))


def _dripping(plan: Plan) -> Iterator[bytes]:
    for byte in b"".join(answer(plan)):
        yield bytes([byte])


def _without_end(plan: Plan) -> Iterator[bytes]:
    words = plan.after("endless-line") if plan.arguments else 3
    yield from (_word(plan, i) for i in range(words or 0))
    yield b"data: "
    yield from (b"x" * 65536 for _ in range(1600))


def _flooding(plan: Plan) -> Iterator[bytes]:
    for i in range(1_000_000):
        yield _word(plan, i)


def _bombing(plan: Plan) -> Iterator[bytes]:
    # Gzip may be put together of parts, which is quick.
    yield gzip.compress(bytes(1_000_000)) * 64


def _specking(plan: Plan) -> Iterator[bytes]:
    speck = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'
    yield from (speck * 1000 for _ in range(1000))


def _torn(plan: Plan) -> Iterator[bytes]:
    """Some words, and then no more than the beginning of an event."""
    words = plan.after("torn-letter") or plan.after("torn-field") or 0
    yield from (_word(plan, i) for i in range(words))
    event = _lettered(LETTERS)
    letter = event.index(LETTERS[-1].encode()) + 2
    yield event[: letter if plan.fault == "torn-letter" else 3]


def _with_crlf(plan: Plan) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    for event in answer(plan):
        yield event.replace(b"\n", b"\r\n")


_BYTES = {
    "gzip": _gzipped,
    "bomb": _bombing,
    "drip": _dripping,
    "letters": _dripping,
    "specks": _specking,
    "torn-letter": _torn,
    "torn-field": _torn,
    "endless-line": _without_end,
    "flood": _flooding,
    "odd": _with_crlf,
}
