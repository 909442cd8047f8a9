"""JSON from strangers: sized, shallow, and text that PostgreSQL can store."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from zimgpt.domain.errors import BadRequest

T = TypeVar("T")

DEEPEST = 32
"""Levels of nesting; our own messages need two."""


def decode(decoder: msgspec.json.Decoder[T], payload: bytes) -> T:
    """The value in ``payload``, or BadRequest with a sentence that says where.

    Refuses what the decoder would let pass to the database and fail there: U+0000
    and lone surrogates, written as escapes.
    """
    if _depth(payload) > DEEPEST:
        raise BadRequest("This message is nested too deeply.")
    try:
        value = decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise BadRequest(f"This message is not understood: {error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("This message is not JSON.") from None
    if b"\\u" in payload or b"\x00" in payload:
        _refuse_unstorable(value)
    return value


def _depth(payload: bytes) -> int:
    """An upper bound of the nesting: brackets inside strings are counted too."""
    opened = payload.count(b"{") + payload.count(b"[")
    if opened <= DEEPEST:
        return opened
    depth = deepest = 0
    inside = escaped = False
    for byte in payload:
        if inside:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                inside = False
        elif byte == 0x22:
            inside = True
        elif byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    return deepest


def _refuse_unstorable(value: object) -> None:
    for text in _texts(msgspec.to_builtins(value)):
        if "\x00" in text or any(
            "\ud800" <= character <= "\udfff" for character in text
        ):
            raise BadRequest("This text has characters that cannot be stored.")


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in _texts(item)]
    return []
