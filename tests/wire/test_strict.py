"""JSON from strangers: what is refused, with which sentence, and how fast."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from contextlib import suppress
from time import thread_time
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zimgpt.domain.errors import BadRequest
from zimgpt.wire import strict

LIMIT = strict.LARGEST
HONEST = b"[" + b'{"text":"hello","count":1},' * (LIMIT // 27 - 3) + b"0]"
LITTLE = 25
"""Times what an honest message of the largest size costs, however hostile; that is some
20 ms on the slowest machine that serves people."""

anything: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Any)

hostile = st.text(alphabet='{}[]"\\a1,: ', max_size=200).map(str.encode)


class Note(msgspec.Struct, forbid_unknown_fields=True):
    """A message with a field of each sort."""

    text: str
    count: int = 0
    names: dict[str, str] = {}
    pair: tuple[str, str] | None = None


notes = msgspec.json.Decoder(Note)


def refused(payload: bytes) -> str:
    """The sentence that a message is refused with."""
    with pytest.raises(BadRequest) as caught:
        strict.decode(notes, payload)
    assert caught.value.code == "bad_request"
    return caught.value.message


def cost(work: Callable[[bytes], object], payload: bytes) -> float:
    """Processor seconds of the quickest of five."""
    taken = []
    for _ in range(5):
        gc.collect()
        start = thread_time()
        with suppress(BadRequest):
            work(payload)
        taken.append(thread_time() - start)
    return min(taken)


def little(work: Callable[[bytes], object], payload: bytes, times: float) -> bool:
    """Whether it costs less than so many honest messages, in one of a few tries: a busy
    machine is slow at times, what is dear is so each time."""
    return any(cost(work, payload) < times * cost(decoded, HONEST) for _ in range(5))


def decoded(payload: bytes) -> object:
    """Whatever it says."""
    return strict.decode(anything, payload)


def depth(payload: bytes) -> int:
    """Levels of nesting, by the letter of RFC 8259, one byte after another."""
    level = deepest = 0
    inside = escaped = False
    for byte in payload.decode():
        if inside:
            inside = escaped or byte != '"'
            escaped = byte == "\\" and not escaped
        elif byte == '"':
            inside = True
        elif byte in "{[":
            level += 1
            deepest = max(deepest, level)
        elif byte in "}]":
            level -= 1
    return deepest


def test_a_good_message_is_decoded() -> None:
    """Every field arrives, escapes and all."""
    payload = rb'{"text":"a\u00e9\ud83c\udf0d\\u0000","pair":["\u0001","b"]}'

    assert strict.decode(notes, payload) == Note("aé🌍\\u0000", pair=("\x01", "b"))


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        (b"", "This message is not JSON."),
        (b"{", "This message is not JSON."),
        (b'{"text":"a",}', "This message is not JSON."),
        (b"{'text':'a'}", "This message is not JSON."),
        (b'{"text":"a"} {}', "This message is not JSON."),
        (b'\xef\xbb\xbf{"text":"a"}', "This message is not JSON."),
        (b'{"text":"a","count":NaN}', "This message is not JSON."),
        (b'{"text":"a","count":-Infinity}', "This message is not JSON."),
        (b'{"text":"a\x00"}', "This message is not JSON."),
        (b'{"text":"\xff"}', "This message is not UTF-8."),
        (b'{"text":"\xed\xa0\x80"}', "This message is not UTF-8."),
        (b"[" * 33 + b"]" * 33, "This message is nested too deeply."),
        (b'{"a":' * 9000 + b"1" + b"}" * 9000, "This message is nested too deeply."),
        (b"[" * LIMIT, "This message is nested too deeply."),
        (b"x" * (LIMIT + 1), "This message is too large: at most 65536 bytes."),
    ],
)
def test_what_is_no_message_is_told_so(payload: bytes, sentence: str) -> None:
    """Each way of being no JSON of ours has its sentence."""
    assert refused(payload) == sentence


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"[]", "Expected `object`, got `array`"),
        (b"null", "Expected `object`, got `null`"),
        (b"{}", "Object missing required field `text`"),
        (b'{"text":1}', "Expected `str`, got `int` - at `$.text`"),
        (b'{"text":null}', "Expected `str`, got `null` - at `$.text`"),
        (b'{"text":"a","count":"1"}', "Expected `int`, got `str` - at `$.count`"),
        (b'{"text":"a","count":true}', "Expected `int`, got `bool` - at `$.count`"),
        (b'{"text":"a","count":1.5}', "Expected `int`, got `float` - at `$.count`"),
        (b'{"text":"a","count":1e400}', "Number out of range - at `$.count`"),
        (b'{"text":"a","more":1}', "Object contains unknown field `more`"),
        (rb'{"text":"a","a\u0000b":1}', "Object contains unknown field `a�b`"),
    ],
)
def test_a_misshapen_message_is_told_what_and_where(payload: bytes, why: str) -> None:
    """Wrong types and unknown fields are named, with the place."""
    assert refused(payload) == f"This message is not understood: {why}."


@pytest.mark.parametrize(
    "payload",
    [
        rb'{"text":"\u0000"}',
        rb'{"text":"a","names":{"a":"b\u0000"}}',
        rb'{"text":"a","names":{"\u0000":"b"}}',
        rb'{"text":"a","pair":["a","\u0000"]}',
        rb'{"text":"\ud800"}',
        rb'{"text":"\uDBFF"}',
        rb'{"text":"\udc00 and more"}',
        rb'{"text":"\ud800\ud800"}',
        rb'{"text":"a","names":{"\ud800":"b"}}',
        rb'{"text":"a","names":{"a":"\udfff"}}',
        rb'{"text":"a","\udfff":1}',
    ],
)
def test_what_cannot_be_stored_is_refused_in_any_field(payload: bytes) -> None:
    """U+0000 and half characters stop at the door, in values and in keys."""
    assert refused(payload) == "This text has characters that cannot be stored."


def test_a_key_written_twice_counts_with_its_last_value() -> None:
    """As browsers do: there is one parser, so nobody can be told two things."""
    assert strict.decode(notes, b'{"text":"a","text":"b"}') == Note("b")


def test_the_decoder_never_lets_half_a_character_through() -> None:
    """Refusing lone surrogates is the decoder's; this notices if that changes."""
    for half in (rb'"\ud800"', rb'"\ude00"', rb'["\udbff\u0041"]', rb'{"\udfff":1}'):
        with pytest.raises(msgspec.DecodeError):
            anything.decode(half)


def test_words_quoted_back_are_short_and_printable() -> None:
    """A stranger's 60 kB key or control characters are not sent back."""
    said = refused(b'{"text":"a","' + b"x\x7f" * 30_000 + b'":1}')

    assert said.startswith("This message is not understood: Object contains unknown")
    assert "…" in said
    assert said.isprintable()
    assert len(said) < 250


def test_a_door_may_allow_more() -> None:
    """The size is the door's to say; the default is that of a frame."""
    payload = json.dumps({"text": "x" * 1_000_000}).encode()

    assert "too large" in refused(payload)
    assert len(strict.decode(notes, payload, largest=2**20).text) == 1_000_000


def test_nesting_is_allowed_to_its_limit() -> None:
    """Thirty-two levels pass, and brackets inside strings do not count."""
    nested = b"[" * 32 + b"]" * 32
    code = json.dumps({"text": 'a[0]["\\"] = {{[(' * 100}).encode()

    assert strict.decode(anything, nested)
    assert strict.decode(anything, b"[" + b"[]," * 1000 + b"[]]")
    assert strict.decode(anything, code)


@given(hostile)
@example(b'["\\\\",[[]],"]"]')
@example(b'["\\\\\\"[[",[]]')
def test_depth_is_found_as_by_the_letter(payload: bytes) -> None:
    """The quick way agrees with reading byte after byte, on JSON that is JSON."""
    try:
        value = anything.decode(payload)
    except (msgspec.DecodeError, RecursionError):
        return
    wrapped = b"[" + payload + b',"[[\\"[["' + b",[]" * 33 + b"]"

    assert strict.depth(wrapped) == depth(wrapped)
    assert strict.decode(anything, wrapped)[0] == value


nested = st.recursive(
    st.text(alphabet='[]{}"\\', max_size=8) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text('[{"\\', max_size=4), inner, max_size=3)
    ),
)


@given(nested, st.integers(0, 40))
def test_exactly_the_too_deep_are_refused(value: object, more: int) -> None:
    """JSON within 32 levels is decoded whole, and beyond them refused."""
    for _ in range(more):
        value = [value]
    payload = msgspec.json.encode(value)

    try:
        assert strict.decode(anything, payload) == value
        assert depth(payload) <= strict.DEEPEST
    except BadRequest:
        assert depth(payload) > strict.DEEPEST


@given(hostile | st.binary(max_size=100))
def test_whatever_is_sent_is_decoded_or_refused(payload: bytes) -> None:
    """Nothing but a value or a BadRequest with a printable sentence comes out."""
    message = "well"
    try:
        strict.decode(anything, payload)
    except BadRequest as refusal:
        message = refusal.message

    assert message.isprintable()


@pytest.mark.parametrize(
    "payload",
    [
        b"[" * LIMIT,
        b"[]" * (LIMIT // 2),
        b'"' * LIMIT,
        b'[""],' * (LIMIT // 5),
        b'["["' * (LIMIT // 4),
        b"[" * 40 + b"\\" * (LIMIT - 40),
        b"[" * 40 + b'"' + b'\\"' * (LIMIT // 2 - 21),
        b"[" + (b"[" * 31 + b"]" * 31 + b",") * (LIMIT // 63 - 1) + b"[]]",
        b"[" + rb'"\u0000",' * (LIMIT // 9 - 2) + b'""]',
        b'["' + rb"\ud800" * (LIMIT // 6 - 2) + b'"]',
        b'["' + rb"\ud83d\ude00" * (LIMIT // 12 - 2) + b'","\\u0000"]',
        b'{"a":1' + b"0" * 400 + b"}",
        b'"' + b"x" * 1_000_000 + b'"',
        b"9" * LIMIT,
        b"1" + b"0" * 4_200 + b"e400",
    ],
    ids=lambda payload: repr(payload[:12]),
)
def test_hostile_messages_cost_little(payload: bytes) -> None:
    """The reactor does other things again soon, whatever is sent."""
    assert little(decoded, payload, LITTLE)


def test_measuring_the_nesting_costs_no_more_than_reading() -> None:
    """Brackets and quotes are counted at C speed."""
    worst = b"[" + b'[""],[[]],' * (LIMIT // 10 - 1) + b"]"

    assert little(strict.depth, worst, 5)
