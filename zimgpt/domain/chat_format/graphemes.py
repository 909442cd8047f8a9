"""Where a text may be cut without breaking what a reader sees as one sign.

The rules of Unicode's annex 29 that matter in messages: marks stay with their letter,
joined and coloured emoji and flags stay whole, and so do Hangul syllables.
"""

from __future__ import annotations

import unicodedata


def units(text: str) -> int:
    """Length in UTF-16 units, as messengers count."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def border(text: str, place: int) -> bool:
    """Whether a sign ends, and another begins, before ``text[place]``."""
    if place <= 0 or place >= len(text):
        return True
    left, right = text[place - 1], text[place]
    if left == "\r" and right == "\n":
        return False
    if left in "\r\n" or right in "\r\n":
        return True
    if _extends(right) or left == "\u200d" or _jamo(left, right):
        return False
    if _half_flag(left) and _half_flag(right):
        return _halves_before(text, place) % 2 == 0
    return True


def _extends(sign: str) -> bool:
    return (
        sign in "\u200c\u200d"
        or unicodedata.category(sign)[0] == "M"
        or "\U0001f3fb" <= sign <= "\U0001f3ff"
        or "\U000e0020" <= sign <= "\U000e007f"
    )


def _half_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _halves_before(text: str, place: int) -> int:
    start = place
    while start and _half_flag(text[start - 1]):
        start -= 1
    return place - start


def _jamo(left: str, right: str) -> bool:
    vowel = "\u1160" <= right <= "\u11a7"
    final = "\u11a8" <= right <= "\u11ff"
    lead = "\u1100" <= left <= "\u115f"
    syllable = "\uac00" <= left <= "\ud7a3" or "\u1160" <= left <= "\u11ff"
    return (
        lead
        and (vowel or "\u1100" <= right <= "\u115f" or "\uac00" <= right <= "\ud7a3")
    ) or (syllable and (vowel or final))
