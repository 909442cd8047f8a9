"""Signs that a document's fonts do not have, written so that they can be read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from xml.sax.saxutils import escape

from zimgpt.wire.papers import faces

_SCRIPTS = {"<super>": ("super", "^"), "<sub>": ("sub", "_")}
_SILENT = frozenset(("Cc", "Cf", "Mn", "Me", "Sk", "Cs", "Co", "Cn"))
_PLAIN = frozenset(("\n", *map(chr, range(32, 127))))
_UNSEEN = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


def marked(text: str, face: str) -> str:
    """The text for a reportlab paragraph that is set in ``face``."""
    if _PLAIN.issuperset(text):
        return escape(text)
    shown = (_shown(sign, face) for sign in _joined(text))
    parts = []
    for other, some in groupby(shown, key=lambda one: one[0]):
        inner = "".join(words for _, words in some)
        parts.append(f'<font face="{faces.OTHER}">{inner}</font>' if other else inner)
    return "".join(parts)


def lines(text: str, face: str) -> Iterator[list[tuple[str, str]]]:
    """Program text: for each line its pieces, each with the face that has its signs."""
    for line in _joined(text).split("\n"):
        signs = (_plainly(sign, face) for sign in line)
        yield [
            (name, "".join(words for _, words in some))
            for name, some in groupby(signs, key=lambda one: one[0])
        ]


def _joined(text: str) -> str:
    """Letters with their accents as one sign, where there is one."""
    seen = _UNSEEN.sub("", _FLAG.sub(_flag, text))
    return unicodedata.normalize("NFC", seen)


def _flag(found: re.Match[str]) -> str:
    """Of two letters that are pictures, the country that they name."""
    return f"[flag {''.join(chr(ord(sign) - 0x1F1A5) for sign in found[0])}]"


@lru_cache(maxsize=4096)
def _shown(sign: str, face: str) -> tuple[bool, str]:
    """Markup for a sign, and whether it is in the other face."""
    if sign == "\n" or faces.has(face, sign):
        return False, escape(sign)
    if faces.has(faces.OTHER, sign):
        return True, escape(sign)
    tag, parts = _parts(sign)
    if tag in _SCRIPTS and all(faces.has(face, part) for part in parts):
        script = _SCRIPTS[tag][0]
        return False, f"<{script}>{escape(parts)}</{script}>"
    return False, escape(_said(sign, face))


@lru_cache(maxsize=4096)
def _plainly(sign: str, face: str) -> tuple[str, str]:
    if faces.has(face, sign):
        return face, sign
    if faces.has(faces.OTHER, sign):
        return faces.OTHER, sign
    return face, _said(sign, face)


def _said(sign: str, face: str) -> str:
    """A sign that nobody has, in signs that there are."""
    tag, parts = _parts(sign)
    if parts and all(faces.has(face, part) for part in parts):
        return _SCRIPTS[tag][1] + parts if tag in _SCRIPTS else parts
    kind = unicodedata.category(sign)
    if kind in _SILENT:
        return " " if sign == "\t" else ""
    if kind[0] == "Z":
        return " "
    if kind == "So":  # pictures: said in words
        return f"[{unicodedata.name(sign, 'sign').lower()}]"
    return f"[U+{ord(sign):04X}]"


def _parts(sign: str) -> tuple[str, str]:
    """What a sign is made of, and how: ``⁴`` is 4, raised; accents are left out."""
    tag = unicodedata.decomposition(sign).partition(" ")[0]
    spread = unicodedata.normalize("NFKD", sign)
    letters = "".join(one for one in spread if not unicodedata.combining(one))
    return tag, "" if letters == sign else letters
