"""The messages of ``zimgpt.v1``."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.errors import BadRequest
from zimgpt.wire import session
from zimgpt.wire.session import (
    Accepted,
    Ask,
    Balance,
    Bye,
    Done,
    Error,
    Event,
    Failed,
    Pace,
    Ping,
    Pong,
    Read,
    Reading,
    Request,
    Reset,
    Stop,
)

ANSWER = "0194f0c0-7b1e-7c3a-9d55-0a1b2c3d4e5f"
OTHER = "0194f0c0-7b1e-7c3a-9d55-000000000000"
AT = ANSWER.encode()

numbers = st.none() | st.integers(0, 2**31 - 1)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"type":"ask","id":"q1","text":"Why?"}', Ask("q1", "Why?")),
        (
            b'{"id":"q2","kind":"essay","max_tokens":900,"text":"Mvura","type":"ask"}',
            Ask("q2", "Mvura", kind="essay", max_tokens=900),
        ),
        (
            b'{"type":"ask","id":"q3","text":"?","conversation":"%b"}' % AT,
            Ask("q3", "?", conversation=ANSWER),
        ),
        (
            b'{"type":"ask","id":"q3","text":"?","conversation":null}',
            Ask("q3", "?"),
        ),
        (b'{"type":"read","answer":"%b"}' % AT, Read(ANSWER)),
        (
            b'{"type":"read","answer":"%b","epoch":2,"seq":31}' % AT,
            Read(ANSWER, epoch=2, seq=31),
        ),
        (b'{"type":"stop","answer":"%b"}' % AT, Stop(ANSWER)),
        (b'{"type":"pace","slow":true}', Pace(slow=True)),
        (b' {"type":"ping"}\n', Ping()),
    ],
)
def test_every_request_is_decoded(payload: bytes, expected: Request) -> None:
    """Each request arrives as its own value, what is left out by its default."""
    assert session.decode(payload) == expected


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"[]", "Expected `object`, got `array`"),
        (b'{"id":"q1","text":"?"}', "missing required field `type`"),
        (b'{"type":"nope"}', "Invalid value 'nope' - at `$.type`"),
        (b'{"type":"ask","type":"ping"}', "Invalid value 'ping' - at `$.type`"),
        (b'{"type":"ping","more":1}', "unknown field `more`"),
        (b'{"type":"ask","id":"q1"}', "missing required field `text`"),
        (b'{"type":"ask","id":1,"text":"?"}', "Expected `str`, got `int` - at `$.id`"),
        (b'{"type":"ask","id":"","text":"?"}', "length >= 1 - at `$.id`"),
        (
            b'{"type":"ask","id":"%b","text":"?"}' % (b"x" * 65),
            "length <= 64 - at `$.id`",
        ),
        (
            b'{"type":"ask","id":"q","text":"?","kind":"poem"}',
            "Invalid enum value 'poem' - at `$.kind`",
        ),
        (
            b'{"type":"ask","id":"q","text":"?","max_tokens":0}',
            "Expected `int` >= 1 - at `$.max_tokens`",
        ),
        (
            b'{"type":"ask","id":"q","text":"?","max_tokens":1%b}' % (b"0" * 400),
            "Expected `int` <= 2147483647 - at `$.max_tokens`",
        ),
        (
            b'{"type":"ask","id":"q","text":"?","max_tokens":1e400}',
            "Number out of range - at `$.max_tokens`",
        ),
        (b'{"type":"read","answer":"%b","seq":-1}' % AT, ">= 0 - at `$.seq`"),
        (
            b'{"type":"read","answer":"%b","epoch":2147483648}' % AT,
            "<= 2147483647 - at `$.epoch`",
        ),
        (b'{"type":"pace","slow":1}', "Expected `bool`, got `int` - at `$.slow`"),
    ],
)
def test_a_bad_request_is_told_what_and_where(payload: bytes, why: str) -> None:
    """Nothing that PostgreSQL or a flow would stumble over gets past the door."""
    with pytest.raises(BadRequest) as caught:
        session.decode(payload)

    assert why in caught.value.message


def test_a_frame_that_is_too_large_is_refused() -> None:
    """A text of a megabyte is refused before it is parsed."""
    payload = b'{"type":"ask","id":"q1","text":"%b"}' % (b"x" * 1_000_000)

    with pytest.raises(BadRequest, match="too large"):
        session.decode(payload)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            Accepted("q1", ANSWER, 0, 1, OTHER, 1024, 1400, 3600),
            f'{{"type":"accepted","id":"q1","answer":"{ANSWER}","a":0,"e":1,'
            f'"conversation":"{OTHER}","max_tokens":1024,"hold":1400,"balance":3600}}',
        ),
        (
            Reading(ANSWER, 3, 2, 17),
            f'{{"type":"reading","answer":"{ANSWER}","a":3,"e":2,"s":17}}',
        ),
        (Reset(3, 3), '{"type":"reset","a":3,"e":3}'),
        (
            Done(0, 220, 4780, "stop"),
            '{"type":"done","a":0,"cost":220,"balance":4780,"finish":"stop"}',
        ),
        (
            Done(0, 220, 4780, "length", note="Ask to continue."),
            '{"type":"done","a":0,"cost":220,"balance":4780,"finish":"length",'
            '"note":"Ask to continue."}',
        ),
        (
            Failed(1, "busy", "The model is busy.", 1400, 5000),
            '{"type":"failed","a":1,"reason":"busy","message":"The model is busy.",'
            '"refunded":1400,"balance":5000}',
        ),
        (Balance(3600, 1400), '{"type":"balance","available":3600,"held":1400}'),
        (Bye(2), '{"type":"bye","retry":2}'),
        (
            Error("not_found", "There is no such thing here."),
            '{"type":"error","code":"not_found",'
            '"message":"There is no such thing here."}',
        ),
        (
            Error("question_empty", "Please write your question first.", id="q1"),
            '{"type":"error","code":"question_empty",'
            '"message":"Please write your question first.","id":"q1"}',
        ),
        (Pong(), '{"type":"pong"}'),
    ],
)
def test_every_event_is_encoded_as_documented(event: Event, expected: str) -> None:
    """Clients of today read these very bytes."""
    assert session.encode(event).decode() == expected


@given(st.text(), numbers, numbers)
def test_a_text_frame_carries_its_text_and_only_the_stated_keys(
    text: str, a: int | None, s: int | None
) -> None:
    """Whatever the text, the frame parses to it, with the numbers that were given."""
    payload = session.encode_text(session.quoted(text), a=a, s=s)

    stated = {"a": a, "s": s, "t": text}
    expected = {key: value for key, value in stated.items() if value is not None}
    assert json.loads(payload) == expected
    assert msgspec.json.decode(payload) == expected


@pytest.mark.parametrize(
    ("a", "s", "expected"),
    [
        (None, None, b'{"t":"Mvura"}'),
        (None, 7, b'{"s":7,"t":"Mvura"}'),
        (0, None, b'{"a":0,"t":"Mvura"}'),
        (0, 0, b'{"a":0,"s":0,"t":"Mvura"}'),
    ],
)
def test_a_text_frame_is_as_short_as_can_be(
    a: int | None, s: int | None, expected: bytes
) -> None:
    """This frame is what people pay data for: no space, no key too many."""
    assert session.encode_text(session.quoted("Mvura"), a=a, s=s) == expected


@given(st.text(alphabet=st.characters(min_codepoint=0xA0, exclude_categories=["Cs"])))
def test_text_beyond_ascii_is_sent_as_it_is(text: str) -> None:
    """No six-byte escapes for what UTF-8 says in two to four."""
    assert session.quoted(text) == b'"' + text.encode() + b'"'
