"""One-time phrases by which a visitor of the web app proves a number.

``ZIM-`` and eight characters of Crockford's base 32, which has no letters that are
mistaken for digits; whoever types an O or an I meant 0 or 1.
"""

from __future__ import annotations

import re
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 8

# The whole message: any case, and a space or a longer dash where the hyphen was.
_ALONE = re.compile(
    r"\s*ZIM[-\u2010-\u2014 ]?([0-9A-TV-Z]{4})[- ]?([0-9A-TV-Z]{4})[\s.]*",
    re.IGNORECASE | re.ASCII,
)
_AMONG = re.compile(r"\bZIM-([0-9A-TV-Z]{8})\b")
_MISREAD = str.maketrans("OIL", "011")


def made(random: bytes) -> str:
    """A new phrase of at least eight random bytes: one of 2**40."""
    return "ZIM-" + "".join(ALPHABET[byte % 32] for byte in random[:LENGTH])


def phrase(text: str) -> str | None:
    """The phrase that this message is, or has within it in capitals; else None.

    Among other words only capitals count, so that nobody's question about
    zim-football is taken for one.
    """
    alone = _ALONE.fullmatch(text)
    if alone and ("-" in text or any(map(str.isdigit, text))):
        return _written(alone[1] + alone[2])
    among = _AMONG.search(text)
    return _written(among[1]) if among else None


def _written(signs: str) -> str:
    return "ZIM-" + signs.upper().translate(_MISREAD)
