"""What the Graph API answers, and what its failures ask for."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.wire.whatsapp import replies, troubles
from zimgpt.wire.whatsapp.people import Person
from zimgpt.wire.whatsapp.replies import Accepted, GraphError, Place, UnclearReply
from zimgpt.wire.whatsapp.troubles import Trouble


def encoded(value: object) -> bytes:
    """An answer's bytes."""
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("contacts", "person"),
    [
        ([{"input": "+263771234567", "wa_id": "263771234567"}], Person("263771234567")),
        ([{"input": "ZW.1", "user_id": "ZW.1", "wa_id": ""}], Person(None, "ZW.1")),
        ([], Person()),
        (None, Person()),
    ],
)
def test_a_message_was_accepted(contacts: object, person: Person) -> None:
    """Under which wamid, and for whom."""
    body = {"contacts": contacts, "messages": [{"id": "wamid.1"}]}

    assert replies.accepted(encoded(body)) == Accepted("wamid.1", person)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"messages":[{"id":',
        b'{"messages":[{}]}',
        b'{"messages":[]}',
        b'{"messages":"x"}',
        b"[" * 100_000,
        b" " * 300_000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_an_unclear_answer_is_told_as_such(body: bytes) -> None:
    """Nobody knows then what was done."""
    for read in (replies.accepted, replies.uploaded, replies.place):
        with pytest.raises(UnclearReply):
            read(body)


def test_a_read_mark_was_taken() -> None:
    """Or was not."""
    assert replies.done(b'{"success":true}')
    assert not replies.done(b'{"success":"true"}')


def test_an_upload_has_an_id() -> None:
    """Digits, as a string or a number; nothing else may enter an address."""
    assert replies.uploaded(b'{"id":"103"}') == "103"
    assert replies.uploaded(b'{"id":103}') == "103"
    with pytest.raises(UnclearReply):
        replies.uploaded(b'{"id":"../me"}')


def test_a_file_has_a_place() -> None:
    """Its size may be a string, its digest is base64."""
    body = {
        "messaging_product": "whatsapp",
        "url": "https://lookaside.example/1",
        "mime_type": "Audio/ogg; codecs=opus",
        "sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "file_size": "303833",
        "id": "7",
    }

    assert replies.place(encoded(body)) == Place(
        "7", "https://lookaside.example/1", "audio/ogg", "00" * 32, 303833
    )
    assert replies.place(encoded(body | {"file_size": "-1"})).size is None


def test_a_refusal_says_why() -> None:
    """Code, subcode, words, and whether it will pass."""
    error = {
        "message": "(#131056) pair rate limit hit",
        "code": 131056,
        "error_subcode": 2494055,
        "error_data": {"details": "Slow down"},
        "is_transient": True,
        "fbtrace_id": "A1",
    }

    assert replies.refusal(400, encoded({"error": error})) == GraphError(
        400,
        131056,
        2494055,
        "(#131056) pair rate limit hit",
        "Slow down",
        transient=True,
        trace="A1",
    )
    plain = replies.refusal(400, encoded({"error": error | {"error_data": "Hm"}}))
    assert plain.details == "Hm"


@pytest.mark.parametrize(
    ("retry_after", "usage", "wait"),
    [
        (None, None, None),
        ("30", None, 30.0),
        ("soon", None, None),
        ("-1", None, None),
        (None, '{"1":[{"estimated_time_to_regain_access":2}]}', 120.0),
        ("300", '{"1":[{"estimated_time_to_regain_access":2}]}', 300.0),
        (None, '{"1":[{"estimated_time_to_regain_access":0}],"2":5}', None),
        (None, "[", None),
        (None, "[" * 100_000, None),
    ],
)
def test_a_refusal_may_say_how_long(
    retry_after: str | None, usage: str | None, wait: float | None
) -> None:
    """One header counts seconds, the other minutes; the longer wait counts."""
    error = replies.refusal(429, b"{}", retry_after=retry_after, usage=usage)

    assert error.wait == wait


@given(st.integers(300, 599), st.binary(max_size=60) | st.text(max_size=9).map(encoded))
def test_a_refusal_is_always_read(http: int, body: bytes) -> None:
    """Pages of proxies, cut JSON: the status is left."""
    assert replies.refusal(http, body) == GraphError(http)


@pytest.mark.parametrize(
    ("trouble", "codes"),
    [
        (Trouble.RETRY, (2, 131000, 131016, 131057, 133004)),
        (Trouble.SLOW_DOWN, (130429, 80007, 4, 131048, 133016)),
        (Trouble.SLOW_USER, (131056,)),
        (
            Trouble.STOP,
            (
                *(0, 190, 3, 10, 200, 299, 131005, 368, 131031, 131042, 131045),
                *(133010, 131037, 131064, 33),
            ),
        ),
        (
            Trouble.FINAL,
            (
                *(131026, 130403, 130472, 130497, 131021, 131030, 131050),
                *(131062, 137000),
            ),
        ),
        (Trouble.WINDOW_CLOSED, (131047,)),
        (
            Trouble.OUR_BUG,
            (
                *(100, 131008, 131009, 131051, 131053, 131055, 132000, 132999),
                135000,
            ),
        ),
        (Trouble.MARKETING_CAP, (131049,)),
        (Trouble.INBOUND_MEDIA, (131052,)),
    ],
)
def test_each_code_asks_for_something(trouble: Trouble, codes: tuple[int, ...]) -> None:
    """Whether it came with any HTTP status, or in a failed status."""
    for code in codes:
        assert {troubles.of(code, http) for http in (None, 400, 401, 429, 500)} == {
            trouble
        }


@pytest.mark.parametrize(
    ("code", "http", "trouble"),
    [
        (1, 500, Trouble.RETRY),
        (1, 400, Trouble.OUR_BUG),
        (1, None, Trouble.RETRY),
        (None, 502, Trouble.RETRY),
        (None, 408, Trouble.RETRY),
        (None, 429, Trouble.SLOW_DOWN),
        (None, 401, Trouble.STOP),
        (None, 403, Trouble.STOP),
        (None, 404, Trouble.OUR_BUG),
        (999_999, 503, Trouble.RETRY),
        (999_999, None, Trouble.FINAL),
        (None, None, Trouble.FINAL),
    ],
)
def test_without_a_known_code_the_status_counts(
    code: int | None, http: int | None, trouble: Trouble
) -> None:
    """A failed status whose code is not known concerns its message alone."""
    assert troubles.of(code, http) is trouble


@pytest.mark.parametrize(
    ("trouble", "waits"),
    [
        (Trouble.RETRY, [1, 2, 4, 8, None]),
        (Trouble.SLOW_DOWN, [2, 4, 8, 16, 32, 60, 60]),
        (Trouble.SLOW_USER, [1, 4, 16, 64, 256]),
        (Trouble.MARKETING_CAP, [86400, 86400]),
        (Trouble.STOP, [None]),
        (Trouble.FINAL, [None]),
        (Trouble.WINDOW_CLOSED, [None]),
        (Trouble.OUR_BUG, [None]),
    ],
)
def test_waits(trouble: Trouble, waits: list[float | None]) -> None:
    """How long before the next try, after the first, the second, …"""
    assert [troubles.wait(trouble, n) for n in range(1, len(waits) + 1)] == waits


def test_a_wait_that_was_asked_for_is_kept() -> None:
    """It lengthens ours, and never shortens it."""
    assert troubles.wait(Trouble.SLOW_DOWN, 1, asked=90) == 90
    assert troubles.wait(Trouble.SLOW_DOWN, 3, asked=1) == 8
    assert troubles.wait(Trouble.STOP, 1, asked=90) is None


def test_what_alarms() -> None:
    """A stopped number, a fault of ours, and the warning about spam."""
    assert troubles.alarming(190, Trouble.STOP)
    assert troubles.alarming(100, Trouble.OUR_BUG)
    assert troubles.alarming(131048, Trouble.SLOW_DOWN)
    assert not troubles.alarming(130429, Trouble.SLOW_DOWN)
