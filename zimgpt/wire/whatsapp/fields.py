"""Looking into JSON that may have any shape: what has the wrong type is absent."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

Object: TypeAlias = dict[str, Any]

LONGEST: Final = 512  # characters of an id or a word
_WORD: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_LAST: Final = 253_402_300_799  # the last second of the year 9999


def mapping(value: object) -> Object:
    """An object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """An array; empty for anything else."""
    return value if isinstance(value, list) else []


def objects(value: object) -> Iterator[Object]:
    """The objects of an array."""
    return (item for item in sequence(value) if isinstance(item, dict))


def text(value: object, most: int | None = LONGEST) -> str:
    """A string, cut at ``most`` characters; empty for anything else."""
    if not isinstance(value, str):
        return ""
    return value if most is None else value[:most]


def word(value: object) -> str:
    """One of WhatsApp's own words; empty for anything that cannot be one."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""


def identifier(value: object) -> str | None:
    """An opaque id; one that is empty, or too long to be one, is none."""
    good = isinstance(value, str) and 0 < len(value) <= LONGEST
    return str(value) if good else None


def number(value: object) -> int | None:
    """An integer of a reasonable size, also one that is written as a string."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", value, re.ASCII):
        return int(value)
    return value if type(value) is int and abs(value) < 10**15 else None


def moment(value: object) -> datetime | None:
    """A time in Unix seconds, or milliseconds, as a string or a number."""
    seconds = number(value)
    if seconds is None or seconds <= 0:
        return None
    if seconds > _LAST:
        seconds //= 1000
    return datetime.fromtimestamp(seconds, UTC) if seconds <= _LAST else None


def hexadecimal(value: object) -> str:
    """A SHA-256 in base64, or in hexadecimal, as hexadecimal; empty if it is none."""
    if not isinstance(value, str):
        return ""
    if re.fullmatch(r"[0-9a-fA-F]{64}", value, re.ASCII):
        return value.lower()
    try:
        digest = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return digest.hex() if len(digest) == 32 else ""


def storable(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same value without what PostgreSQL refuses: U+0000 and half characters."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value
