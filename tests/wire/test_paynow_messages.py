"""What the bytes of Paynow's messages are, and who signed them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire import paynow_bodies as bodies
from tests.wire.paynow_bodies import KEY, OTHER_KEY
from zimgpt.wire.paynow import forms
from zimgpt.wire.paynow.forms import NotAMessage, Repeated
from zimgpt.wire.paynow.hashing import digest, sign, verified
from zimgpt.wire.paynow.judging import Verdict, judge

DOCUMENTED = (
    b"status=Ok"
    b"&browserurl=https%3a%2f%2fstaging.paynow.co.zw%2fPayment%2fConfirmPayment%2f9510"
    b"&pollurl=https%3a%2f%2fstaging.paynow.co.zw%2fInterface%2fCheckPayment%2f%3fguid"
    b"%3dc7ed41da-0159-46da-b428-69549f770413&paynowreference=9510"
    b"&hash=750DD0B0DF374678707BB5AF915AF81C228B9058AD57BB7120569EC68BBB9C2EFC1B26C637"
    b"5D2BC562AC909B3CD6B2AF1D42E1A5E479FFAC8F4FB3FDCE71DF4D"
)

plain = st.text(max_size=20)
names = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
messages = st.dictionaries(names, plain, min_size=1, max_size=8).map(
    lambda said: tuple(said.items())
)


# ---- bytes


@given(messages)
def test_what_is_written_is_read_again(fields: forms.Fields) -> None:
    """Any value comes back as it was, in its place."""
    assert forms.parse(forms.written(fields)) == fields


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"a=1&b=2", (("a", "1"), ("b", "2"))),
        (b" \r\n?a=1\r\n", (("a", "1"),)),
        (b"&a=1&&b=&", (("a", "1"), ("b", ""))),
        (b"A=1&+Bc+=2", (("a", "1"), ("bc", "2"))),
        (b"a=x+y%20z", (("a", "x y z"),)),
        (b"a=%252b", (("a", "%2b"),)),
        (b"a=50%zz%4", (("a", "50%zz%4"),)),
        (b"url=https://a/?guid=1", (("url", "https://a/?guid=1"),)),
        (b"a=%ff", (("a", "\ufffd"),)),
        (b"a=%f0%9f%8d%b2", (("a", "\U0001f372"),)),
    ],
)
def test_a_message_is_read_once(body: bytes, fields: forms.Fields) -> None:
    """Each value is decoded once, in order; what is malformed stays as it is."""
    assert forms.parse(body) == fields


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"?",
        b"&&",
        b"<!DOCTYPE html><html>a=1&b=2</html>",
        b"\n <html>",
        b"Service Unavailable",
        b"a=1&nothing",
        b"&".join(b"f%d=1" % n for n in range(65)),
        b"a=" + b"1" * 65536,
    ],
)
def test_a_page_is_no_message(body: bytes) -> None:
    """Nor is anything without fields, or with more than any message has."""
    with pytest.raises(NotAMessage):
        forms.parse(body)


@pytest.mark.parametrize("body", [b"a=1&a=2", b"a=1&A=1", b"a=1&%61=2", b"a=1&+a=2"])
def test_a_field_named_twice_is_refused(body: bytes) -> None:
    """Which of the two counts is nobody's to choose."""
    with pytest.raises(Repeated):
        forms.parse(body)


# ---- signatures


def test_the_documented_example_is_verified() -> None:
    """The hash is the one that Paynow printed, to the byte."""
    assert judge(DOCUMENTED, [KEY])[0] is Verdict.OK
    assert judge(DOCUMENTED, [OTHER_KEY])[0] is Verdict.MISMATCH


@given(messages)
def test_the_hash_is_over_values_in_order(fields: forms.Fields) -> None:
    """Names are not in it, nor whatever stands as the hash; the key ends it."""
    assert digest(fields, KEY) == bodies.hashed(fields)
    assert digest((("HASH", "x"), *fields), KEY) == digest(fields, KEY)
    assert digest(fields, f" {KEY.upper()} ") == digest(fields, KEY)


def test_what_we_sign_is_trimmed_first() -> None:
    """The gateway trims values before it hashes them, so they are sent trimmed."""
    signed = sign((("a", " x y "), ("b", "z\n")), KEY)

    assert signed == (("a", "x y"), ("b", "z"), ("hash", digest(signed, KEY)))
    assert verified(signed, [KEY])


@pytest.mark.parametrize("keys", [[], [""], ["  "], [OTHER_KEY], [OTHER_KEY, ""]])
def test_without_the_right_key_nothing_is_believed(keys: list[str]) -> None:
    """An empty key is none: anybody could sign with it."""
    fields = tuple(bodies.status())
    signed = bodies.body(fields)
    nobody = bodies.body(fields, "")

    assert judge(signed, keys)[0] is Verdict.MISMATCH
    assert judge(nobody, keys)[0] is Verdict.MISMATCH


@pytest.mark.parametrize("key", [KEY, OTHER_KEY])
def test_two_keys_are_good_while_one_replaces_the_other(key: str) -> None:
    """Whichever of them signed."""
    assert judge(bodies.body(bodies.status(), key), [KEY, OTHER_KEY])[0] is Verdict.OK


def test_the_hash_may_stand_anywhere_in_any_case() -> None:
    """It is taken out of the order, whatever it is called and however written."""
    fields = bodies.status()
    said = bodies.hashed(fields).lower()
    moved = [*fields[:2], ("Hash", said), *fields[2:]]

    assert judge(bodies.body(moved, None), [KEY])[0] is Verdict.OK


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b"<html>status=Paid", Verdict.NOT_A_MESSAGE),
        (b"reference=1&hash=2", Verdict.NOT_A_MESSAGE),
        (b"status=Paid&status=Paid", Verdict.REJECT_DUPLICATE),
        (b"status=Paid&reference=ZG-1", Verdict.MISSING_HASH),
        (b"Status=Error&Error=Invalid+id.", Verdict.ERROR_UNSIGNED),
        (b"status=Error&error=Invalid+id.&hash=", Verdict.MISMATCH),
        (b"status=Paid&hash=", Verdict.MISMATCH),
        (b"status=Paid&hash=%00", Verdict.MISMATCH),
    ],
)
def test_each_kind_of_nothing_is_told_apart(body: bytes, verdict: Verdict) -> None:
    """Unsigned, signed by another, doubled, no message: none of them is good."""
    assert judge(body, [KEY])[0] is verdict


def test_a_change_to_any_value_breaks_the_signature() -> None:
    """Each field for itself, and their order."""
    fields = bodies.status()
    good = bodies.hashed(fields)
    for at, (name, value) in enumerate(fields):
        changed = [*fields[:at], (name, value + "0"), *fields[at + 1 :]]
        said = bodies.body([*changed, ("hash", good)], None)
        assert judge(said, [KEY])[0] is Verdict.MISMATCH
    swapped = [fields[1], fields[0], *fields[2:], ("hash", good)]
    assert judge(bodies.body(swapped, None), [KEY])[0] is Verdict.MISMATCH


def test_a_message_cut_anew_bears_the_same_hash() -> None:
    """So a good hash says nothing about amounts: they are compared with our own."""
    good = bodies.hashed(bodies.status(number="1069420", amount="5.00"))
    cut = bodies.status(number="10694", amount="205.00")

    verdict, fields = judge(bodies.body([*cut, ("hash", good)], None), [KEY])

    assert verdict is Verdict.OK
    assert forms.value(fields, "amount") == "205.00"


# ---- examples beside the checkout


def test_every_example_hash_is_ours() -> None:
    """Those that other clients of the gateway computed, where they are at hand."""
    for one in bodies.vectors("hash"):
        fields = tuple((name, value) for name, value in one["fields"])
        assert digest(fields, one["key"]) == one["expected_hash"], one["id"]


def test_every_example_message_is_judged_alike() -> None:
    """Genuine, forged, doubled and broken ones, where they are at hand."""
    for one in bodies.vectors("inbound_message"):
        verdict, _ = judge(one["body"].encode(), [one["key"]])
        assert verdict.value == one["expect"], one["id"]


def test_every_example_request_is_understood() -> None:
    """Requests of other clients are read, in order, and their hash is good."""
    for one in bodies.vectors("sdk_request_wire"):
        verdict, fields = judge(one["body"].encode(), [one["key"]])
        assert verdict is Verdict.OK, one["id"]
        said = [(name.lower(), value) for name, value in one["decoded_fields"]]
        assert list(fields) == said, one["id"]
