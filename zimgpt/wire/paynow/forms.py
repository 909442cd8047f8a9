"""Messages as they travel: form encoding, order kept, each value decoded once.

The signature is over the values in the order of the message, so no dictionary will do,
and a value that is decoded twice is another value.
"""

from __future__ import annotations

from typing import Final, TypeAlias
from urllib.parse import quote_plus, unquote_to_bytes

Fields: TypeAlias = tuple[tuple[str, str], ...]
"""Names, trimmed and in lower case, and values, in their order."""

MOST_CALLBACK: Final = 16 * 1024
"""Bytes of a callback; real ones have a few hundred."""
MOST: Final = 64 * 1024
MOST_FIELDS: Final = 64


class NotAMessage(Exception):  # noqa: N818 - named for what came
    """This is no message of the gateway's."""


class Repeated(NotAMessage):
    """A field is named twice, so this may mean two things."""


def parse(body: bytes) -> Fields:
    """The fields of a message; raises NotAMessage, or Repeated."""
    body = body.strip().removeprefix(b"?")
    if not body or body.startswith(b"<"):
        raise NotAMessage
    parts = [part for part in body.split(b"&") if part]
    if not parts or len(parts) > MOST_FIELDS or len(body) > MOST:
        raise NotAMessage
    fields = tuple(map(_field, parts))
    if len({name for name, _ in fields}) < len(fields):
        raise Repeated
    return fields


def written(fields: Fields) -> bytes:
    """The body with these fields."""
    pairs = (f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields)
    return "&".join(pairs).encode("ascii")


def value(fields: Fields, name: str) -> str:
    """The field's value, trimmed; empty if there is no such field."""
    return next((said.strip() for known, said in fields if known == name), "")


def has(fields: Fields, name: str) -> bool:
    """Whether there is such a field, be it empty."""
    return any(known == name for known, _ in fields)


def _field(part: bytes) -> tuple[str, str]:
    name, equals, said = part.partition(b"=")
    if not equals:
        raise NotAMessage
    return _decoded(name).strip().lower(), _decoded(said)


def _decoded(raw: bytes) -> str:
    """A malformed escape stays as it is, as it does for the gateway."""
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode(errors="replace")
