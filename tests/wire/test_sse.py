"""Events come out whole and in order, however their bytes come in."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.wire.sse import MOST, Decoder, EventTooLong


def reference(stream: bytes) -> list[bytes]:
    """The standard's algorithm on the whole stream, line by line."""
    text = stream.removeprefix(b"\xef\xbb\xbf")
    lines = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    lines.pop()  # a line without an end is not a line yet
    events = []
    data: list[bytes] = []
    for line in lines:
        if not line:
            if data:
                events.append(b"\n".join(data))
            data = []
        elif line == b"data":
            data.append(b"")
        elif line.startswith(b"data:"):
            value = line[5:]
            data.append(value[1:] if value[:1] == b" " else value)
    return events


def fed(*pieces: bytes) -> list[bytes]:
    """The events of a stream that comes in these pieces."""
    decoder = Decoder()
    return [event for piece in pieces for event in decoder.feed(piece)]


def pieces(stream: bytes, cuts: set[int]) -> list[bytes]:
    """A stream cut at these offsets."""
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    return [stream[a:b] for a, b in pairwise(edges)]


CASES = [
    pytest.param(b"data: a\n\ndata: b\n\n", [b"a", b"b"], id="lf"),
    pytest.param(b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"], id="crlf"),
    pytest.param(b"data: a\r\rdata: b\r\r", [b"a", b"b"], id="cr"),
    pytest.param(b"data: a\r\n\rdata: b\n\r\n", [b"a", b"b"], id="mixed"),
    pytest.param(b"data: a\ndata: b\ndata:\n\n", [b"a\nb\n"], id="lines"),
    pytest.param(b"data:a\n\ndata:  b\n\n", [b"a", b" b"], id="one-space"),
    pytest.param(b": hello\n\n:\ndata: a\n: x\n\n", [b"a"], id="comments"),
    pytest.param(b"\xef\xbb\xbfdata: a\n\n", [b"a"], id="bom"),
    pytest.param(b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [b"a"], id="bom-later"),
    pytest.param(b"event: x\nid: 1\nretry: 5\ndata: a\n\n", [b"a"], id="fields"),
    pytest.param(b"database: a\n\ndata : b\n\nDATA: c\n\n", [], id="other-names"),
    pytest.param(b"event: x\n\nid: 1\n\ndata: a\n\n", [b"a"], id="no-data"),
    pytest.param(b"data\n\ndata:\n\n", [b"", b""], id="empty-data"),
    pytest.param(b"\n\n\n\ndata: a\n\n\n\n\ndata: b\n\n", [b"a", b"b"], id="blank"),
    pytest.param(b"data: a\n\ndata: b\n", [b"a"], id="unended"),
    pytest.param("data: né👍\n\n".encode(), ["né👍".encode()], id="utf-8"),
    pytest.param(b"data: x: data: y\n\n", [b"x: data: y"], id="colons"),
]


@pytest.mark.parametrize(("stream", "expected"), CASES)
def test_stream_is_read_as_the_standard_says(
    stream: bytes, expected: list[bytes]
) -> None:
    """Line ends, fields, comments, a BOM and blank lines mean what they should."""
    assert fed(stream) == expected
    assert reference(stream) == expected


@pytest.mark.parametrize(("stream", "expected"), CASES)
def test_every_split_gives_the_same_events(
    stream: bytes, expected: list[bytes]
) -> None:
    """Where a read ends makes no difference, at any offset, nor byte by byte."""
    for at in range(len(stream) + 1):
        assert fed(stream[:at], stream[at:]) == expected
    assert fed(*(stream[i : i + 1] for i in range(len(stream)))) == expected
    assert fed(b"", stream, b"") == expected


LINES = st.sampled_from(
    [b"data: {}", b"data: a", b"data:b", b"data", b"data:", b": c", b"id: 1", b"", b"x"]
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(
    bom=st.booleans(),
    lines=st.lists(st.tuples(LINES, ENDS)),
    cuts=st.sets(st.integers(0, 200)),
)
def test_equals_the_reference_at_any_line_ends_and_cuts(
    bom: bool, lines: list[tuple[bytes, bytes]], cuts: set[int]
) -> None:
    """The quick way and the standard's own algorithm never disagree."""
    stream = b"".join([b"\xef\xbb\xbf" if bom else b"", *map(b"".join, lines)])

    assert fed(*pieces(stream, cuts)) == reference(stream)


@given(events=st.lists(st.binary(max_size=20)), cuts=st.sets(st.integers(0, 300)))
def test_any_bytes_never_fail(events: list[bytes], cuts: set[int]) -> None:
    """Bytes that are no events at all are read as the standard reads them."""
    stream = b"".join(b"data: " + event + b"\n\n" for event in events)

    assert fed(*pieces(stream, cuts)) == reference(stream)


def test_an_event_of_the_most_bytes_passes() -> None:
    """The bound is on an event, its line end not counted."""
    event = b"data: " + b"x" * (MOST - 6)

    assert fed(event, b"\n", b"\n") == [event[6:]]
    assert fed(b"data: a\n\n" + event + b"\n\n") == [b"a", event[6:]]


def until_too_long(*pieces: bytes) -> list[bytes]:
    """The events before the one that is refused."""
    decoder = Decoder()
    events = []
    try:
        for piece in pieces:
            events += decoder.feed(piece)
    except EventTooLong as refused:
        return events + refused.before
    pytest.fail("nothing was refused")


@pytest.mark.parametrize("split", [1, 9, 10, 5000, MOST + 10, MOST + 14])
def test_a_longer_event_is_refused_with_what_came_before(split: int) -> None:
    """One byte more raises, at every split, and loses no event before it."""
    stream = b"data: a\n\ndata: " + b"x" * (MOST - 5) + b"\n\ndata: b\n\n"

    assert until_too_long(stream[:split], stream[split:]) == [b"a"]


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    """What is kept of an endless line is at most the bound and one read."""
    decoder = Decoder(most=100)
    decoder.feed(b"data: a\n\n" + b"x" * 100)

    with pytest.raises(EventTooLong):
        decoder.feed(b"xx")

    assert decoder.feed(b"") == []


def test_many_events_in_one_large_read_are_fine() -> None:
    """The bound is on each event, not on a read."""
    assert fed(b"data: 0123456789\n\n" * 100_000) == [b"0123456789"] * 100_000
