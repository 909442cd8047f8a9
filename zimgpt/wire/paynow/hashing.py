"""The signature of a message: SHA-512 over its values and the integration's key.

The values are joined without anything between them and their names are not signed. So
``paynowreference=77123&amount=1.00`` bears the same hash as ``77`` and ``1231.00``. A
good hash says that the values came from the gateway at some time, in this order, and
not where one ends and the next begins.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from zimgpt.wire.paynow.forms import Fields

HASH = "hash"


def digest(fields: Fields, key: str) -> str:
    """The hash of these fields but ``hash``, in upper-case hexadecimal."""
    values = "".join(value for name, value in fields if name.strip().lower() != HASH)
    signed = (values + key.strip().lower()).encode(errors="replace")
    return hashlib.sha512(signed).hexdigest().upper()


def sign(fields: Fields, key: str) -> Fields:
    """The fields, trimmed as the gateway trims them, with their hash at the end."""
    trimmed = tuple((name, value.strip()) for name, value in fields)
    return (*trimmed, (HASH, digest(trimmed, key)))


def verified(fields: Fields, keys: Sequence[str]) -> bool:
    """Whether one of our keys signed these fields.

    There are two keys while one replaces the other. Each is tried, so that the time
    taken does not tell which; an empty key, which everybody knows, is none.
    """
    said = next((value for name, value in fields if name == HASH), "")
    claimed = said.strip().upper().encode(errors="replace")
    good = False
    for key in keys:
        if key.strip():
            good |= hmac.compare_digest(digest(fields, key).encode(), claimed)
    return good
