"""Messages as Paynow writes them, signed here by its rule and not by our code.

The key is the one that Paynow's documentation signs its own examples with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

KEY = "3e9fed89-60e1-4ce5-ab6e-6b1eb2d4f977"
OTHER_KEY = "00000000-1111-2222-3333-444444444444"
POLL = "https://www.paynow.co.zw/Interface/CheckPayment/?guid=c7ed41da"
GATEWAY = "https://www.paynow.co.zw"

Pairs = Iterable[tuple[str, str]]


def hashed(pairs: Pairs, key: str = KEY) -> str:
    """Values in their order, then the key; SHA-512 in upper-case hexadecimal."""
    joined = "".join(value for name, value in pairs if name.lower() != "hash")
    return hashlib.sha512((joined + key).encode()).hexdigest().upper()


def body(pairs: Pairs, key: str | None = KEY) -> bytes:
    """A message as .NET writes it, ``%3a`` and all; unsigned without a key."""
    said = list(pairs)
    if key is not None:
        said.append(("hash", hashed(said, key)))
    return "&".join(f"{name}={_escaped(value)}" for name, value in said).encode()


def status(
    word: str = "Paid",
    *,
    reference: str = "ZG-1",
    number: str = "1069420",
    amount: str = "5.00",
    poll: str = POLL,
) -> list[tuple[str, str]]:
    """The fields of a status message, in the documented order."""
    return [
        ("reference", reference),
        ("paynowreference", number),
        ("amount", amount),
        ("status", word),
        ("pollurl", poll),
    ]


def vectors(kind: str) -> Iterator[dict[str, Any]]:
    """More examples of a kind, where a file of them lies beside the checkout."""
    for folder in Path(__file__).resolve().parents[2].parents:
        file = folder / "shared" / "vectors" / "paynow.json"
        if file.exists():
            every = json.loads(file.read_text(encoding="utf-8"))["vectors"]
            yield from (one for one in every if one["kind"] == kind)
            return


def _escaped(value: str) -> str:
    escaped = quote(value, safe=" ").replace(" ", "+")
    parts = escaped.split("%")
    return parts[0] + "".join("%" + part[:2].lower() + part[2:] for part in parts[1:])
