"""The fonts of a PDF, embedded in it: DejaVu 2.37, unchanged, from ``fonts/``; its
licence is beside them.

A condensed serif for reading, a monospaced for program text, and DejaVu Sans for signs
that these lack: mathematics, arrows, boxes and many pictures. PDF's own Symbol and
ZapfDingbats are not used, for they would not be embedded.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

READING: Final = "DejaVuSerifCondensed"
BOLD: Final = "DejaVuSerifCondensed-Bold"
ITALIC: Final = "DejaVuSerifCondensed-Italic"
BOTH: Final = "DejaVuSerifCondensed-BoldItalic"
CODE: Final = "DejaVuSansMono"
OTHER: Final = "DejaVuSans"
FACES: Final = (READING, BOLD, ITALIC, BOTH, CODE, OTHER)


def register() -> None:
    """Makes them known to reportlab, once."""
    if READING in pdfmetrics.getRegisteredFontNames():
        return
    folder = Path(str(files("zimgpt.wire.papers") / "fonts"))
    for name in FACES:
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(
        READING, normal=READING, bold=BOLD, italic=ITALIC, boldItalic=BOTH
    )
    for name in (CODE, OTHER):  # these stay upright and light
        pdfmetrics.registerFontFamily(
            name, normal=name, bold=name, italic=name, boldItalic=name
        )


def has(face: str, sign: str) -> bool:
    """Whether a face can show a sign."""
    font: Any = pdfmetrics.getFont(face)
    return ord(sign) in font.face.charToGlyph
