"""Messages: values in an order, form-encoded as .NET does it, and signed."""

from __future__ import annotations

import hashlib
import re
from typing import Final, TypeAlias
from urllib.parse import quote, unquote_to_bytes

Pairs: TypeAlias = list[tuple[str, str]]

_ESCAPE: Final = re.compile(r"%[0-9A-F]{2}")


class Unreadable(Exception):  # noqa: N818 - what was sent
    """This is no form, or names a field twice."""


def read(body: bytes) -> Pairs:
    """Fields in their order, names in lower case; raises Unreadable."""
    pairs = []
    for part in body.strip().split(b"&"):
        name, equals, value = part.partition(b"=")
        if not equals:
            raise Unreadable
        pairs.append((_plain(name).strip().lower(), _plain(value)))
    if len(dict(pairs)) < len(pairs):
        raise Unreadable
    return pairs


def digest(pairs: Pairs, key: str) -> str:
    """The hash of all values but the hash itself."""
    hashed = hashlib.sha512()
    for name, value in pairs:
        if name.lower() != "hash":
            hashed.update(value.encode())
    hashed.update(key.lower().encode())
    return hashed.hexdigest().upper()


def signed(
    pairs: Pairs, key: str, *, capital: bool = False, middle: bool = False
) -> bytes:
    """A message of ours. ``capital`` names, and hashes in the ``middle``, were seen."""
    said = [*pairs, ("hash", digest(pairs, key))]
    if middle:
        said.insert(len(said) // 2, said.pop())
    if capital:
        said = [(name.capitalize(), value) for name, value in said]
    return written(said)


def written(pairs: Pairs) -> bytes:
    """A body as it goes out."""
    return "&".join(
        f"{_escaped(name)}={_escaped(value)}" for name, value in pairs
    ).encode()


def refusal(sentence: str) -> bytes:
    """An error, which is never signed."""
    return written([("status", "Error"), ("error", sentence)])


def _plain(raw: bytes) -> str:
    return unquote_to_bytes(raw.replace(b"+", b"%20")).decode(errors="replace")


def _escaped(text: str) -> str:
    escaped = quote(text, safe="!*() ").replace(" ", "+")
    return _ESCAPE.sub(lambda found: found[0].lower(), escaped)
