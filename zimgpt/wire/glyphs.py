"""Signs that a document's font does not have, written so that they can be read."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from xml.sax.saxutils import escape

SYMBOLS = {"symbol": "Symbol", "zapfdingbats": "ZapfDingbats"}
"""Fonts that every reader of PDF brings, by the codecs that reportlab has for them."""

_SCRIPTS = {"<super>": ("super", "^"), "<sub>": ("sub", "_")}
_SILENT = frozenset(("Cc", "Cf", "Mn", "Me", "Sk", "Cs", "Co", "Cn"))


def marked(text: str, known: Callable[[str], bool]) -> str:
    """The text for a reportlab paragraph whose font has what is ``known``."""
    return "".join(
        escape(sign) if known(sign) else _marked(sign, known) for sign in _joined(text)
    )


def plain(text: str, known: Callable[[str], bool]) -> str:
    """The same without any marks, for program text."""
    return "".join(
        sign if known(sign) or sign == "\n" else _plain(sign, known)
        for sign in _joined(text)
    )


def _joined(text: str) -> str:
    """Letters with their accents as one sign, where there is one."""
    return unicodedata.normalize("NFC", text)


def _marked(sign: str, known: Callable[[str], bool]) -> str:
    for codec, face in SYMBOLS.items():
        if _encodes(sign, codec):
            return f'<font face="{face}">{escape(sign)}</font>'
    tag, parts = _parts(sign)
    if tag in _SCRIPTS and all(map(known, parts)):
        script = _SCRIPTS[tag][0]
        return f"<{script}>{escape(parts)}</{script}>"
    return escape(_plain(sign, known))


def _plain(sign: str, known: Callable[[str], bool]) -> str:
    if any(_encodes(sign, codec) for codec in SYMBOLS):
        return sign  # a plain font borrows it from those
    tag, parts = _parts(sign)
    if parts and all(map(known, parts)):
        return _SCRIPTS[tag][1] + parts if tag in _SCRIPTS else parts
    kind = unicodedata.category(sign)
    if kind in _SILENT:
        return " " if sign == "\t" else ""
    if kind == "So":  # pictures: said in words
        return f"[{unicodedata.name(sign, 'sign').lower()}]"
    return "?"


def _parts(sign: str) -> tuple[str, str]:
    """What a sign is made of, and how: ``⁴`` is 4, raised; accents are left out."""
    tag = unicodedata.decomposition(sign).partition(" ")[0]
    spread = unicodedata.normalize("NFKD", sign)
    letters = "".join(one for one in spread if not unicodedata.combining(one))
    return tag, "" if letters == sign else letters


def _encodes(sign: str, codec: str) -> bool:
    try:
        sign.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
