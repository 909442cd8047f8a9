"""JSON from strangers: sized, shallow, and text that PostgreSQL can store."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final, TypeVar

import msgspec

from zimgpt.domain.errors import BadRequest

T = TypeVar("T")

LARGEST: Final = 65_536
"""Bytes of a message, unless its door says otherwise."""

DEEPEST: Final = 32
"""Levels of nesting; our own messages need two."""

_SAID: Final = 160  # characters of the decoder's words that are passed on

# An escape of half a character, standing alone. Only looked for after the decoder
# has refused a message, to say why.
_HALF = re.compile(
    rb"\\u[dD][89aAbB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89aAbB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)

_STEPS = bytes.maketrans(b"{[}]", b"\x01\x01\xff\xff")  # up 1, down 1, as signed bytes
_NO_BRACKETS = bytes(set(range(256)) - set(b"{[}]"))


def decode(
    decoder: msgspec.json.Decoder[T], payload: bytes, *, largest: int = LARGEST
) -> T:
    """The value in ``payload``, or BadRequest with a sentence that says where.

    Refuses what the decoder would let pass to the database and fail there: U+0000,
    written as an escape. Lone surrogates the decoder refuses itself. A key that is
    written twice counts with its last value, as in every browser.
    """
    if len(payload) > largest:
        raise BadRequest(f"This message is too large: at most {largest} bytes.")
    if depth(payload) > DEEPEST:
        raise BadRequest("This message is nested too deeply.")
    try:
        value = decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise BadRequest(_said(str(error))) from None
    except UnicodeDecodeError:
        raise BadRequest("This message is not UTF-8.") from None
    except (msgspec.DecodeError, RecursionError):
        if _HALF.search(payload):
            raise _unstorable() from None
        raise BadRequest("This message is not JSON.") from None
    if b"\\u0000" in payload and _has_nul(msgspec.to_builtins(value)):
        raise _unstorable()
    return value


def depth(payload: bytes) -> int:
    """Levels of nesting, in a few passes at C speed; few brackets are not looked at."""
    opened = payload.count(b"{") + payload.count(b"[")
    if opened <= DEEPEST:
        return opened
    # Without escaped backslashes and quotes, every other piece is a string.
    pieces = payload.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    steps = b"".join(pieces[::2]).translate(_STEPS, _NO_BRACKETS)
    return max(accumulate(memoryview(steps).cast("b")), default=0)


def _said(why: str) -> str:
    """The decoder's words; it quotes what it was sent, which may be long or odd."""
    if len(why) > _SAID:
        why = f"{why[: _SAID // 2]}…{why[-_SAID // 2 :]}"
    shown = "".join(c if c.isprintable() else "�" for c in why)
    return f"This message is not understood: {shown}."


def _unstorable() -> BadRequest:
    return BadRequest("This text has characters that cannot be stored.")


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return any(map(_has_nul, value))
    return False
