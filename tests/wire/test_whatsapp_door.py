"""Who is at WhatsApp's door: signatures over raw bytes, and the handshake."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.wire.whatsapp import handshake, signature

SECRET = b"an app's secret"
BODY = rb'{"text":"J\u2019ai mang\u00e9 \ud83c\udf5d","url":"https:\/\/a.b\/"}'


def test_a_signature_is_an_hmac_of_the_bytes() -> None:
    """As the header is documented, in lower-case hexadecimal."""
    digest = hmac.new(SECRET, BODY, hashlib.sha256).hexdigest()

    assert signature.sign(BODY, SECRET) == "sha256=" + digest


@given(st.binary(max_size=200))
def test_what_was_signed_is_verified(body: bytes) -> None:
    """With the right secret, wherever it stands among ours."""
    header = signature.sign(body, SECRET)

    assert signature.verified(header, body, [SECRET])
    assert signature.verified(header, body, [b"the next", SECRET])
    assert not signature.verified(header, body, [b"another"])
    assert not signature.verified(header, body + b" ", [SECRET])


def test_json_written_again_is_not_what_was_signed() -> None:
    """The bytes count, not what they mean."""
    header = signature.sign(BODY, SECRET)
    again = json.dumps(json.loads(BODY)).encode()

    assert not signature.verified(header, again, [SECRET])


@pytest.mark.parametrize("secrets", [[], [b""]])
def test_without_a_secret_nothing_is_believed(secrets: list[bytes]) -> None:
    """An empty secret is none: everybody can sign with it."""
    assert not signature.verified(signature.sign(BODY, b""), BODY, secrets)


@pytest.mark.parametrize(
    "form",
    [
        None,
        "",
        "sha256=",
        "{hex}",
        "sha1={hex}",
        "sha256={upper}",
        "SHA256={hex}",
        "sha256={hex}0",
        " sha256={hex}",
        "sha256={hex}\n",
        "sha256=é{hex}",
    ],
)
def test_only_the_documented_form_is_read(form: str | None) -> None:
    """Anything else is refused, and never an error."""
    digest = signature.sign(BODY, SECRET).removeprefix("sha256=")
    header = form and form.format(hex=digest, upper=digest.upper())

    assert not signature.verified(header, BODY, [SECRET])


def test_a_handshake_is_answered_with_its_challenge() -> None:
    """Exactly the challenge, without a newline."""
    reply = handshake.reply("subscribe", "ours", "1158201444", ours="ours")

    assert reply == b"1158201444"


@pytest.mark.parametrize(
    ("mode", "token", "challenge", "ours"),
    [
        (None, "ours", "1", "ours"),
        ("unsubscribe", "ours", "1", "ours"),
        ("subscribe", None, "1", "ours"),
        ("subscribe", "theirs", "1", "ours"),
        ("subscribe", "\ud800é", "1", "ours"),
        ("subscribe", "", "1", ""),
        ("subscribe", "ours", None, "ours"),
        ("subscribe", "ours", "", "ours"),
        ("subscribe", "ours", "<script>", "ours"),
        ("subscribe", "ours", "1\n", "ours"),
        ("subscribe", "ours", "1" * 257, "ours"),
    ],
)
def test_any_other_handshake_is_refused(
    mode: str | None, token: str | None, challenge: str | None, ours: str
) -> None:
    """A wrong mode or token, none of our own, or a challenge that could be markup."""
    assert handshake.reply(mode, token, challenge, ours=ours) is None
