"""Program text in a PDF: monospaced lines that are kept, and broken where too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from zimgpt.wire.papers import faces, glyphs, styles

LINES: Final = 40
"""Of one flowable, so that a long program is spread over pages."""
PAD: Final = 4.0

Piece = tuple[str, str]
"""A face and what is written in it."""


def code(text: str, depth: int) -> Iterator[Flowable]:
    """The text in blocks of at most ``LINES``."""
    left = styles.indent(depth)
    room = styles.WIDTH - left - 2 * PAD
    shown = [
        part for line in glyphs.lines(text, faces.CODE) for part in _broken(line, room)
    ]
    for start in range(0, len(shown), LINES):
        last = start + LINES >= len(shown)
        yield Lines(shown[start : start + LINES], left, after=7.0 if last else 0.0)


def _broken(line: list[Piece], room: float) -> Iterator[list[Piece]]:
    """A line as those that fit."""
    now: list[Piece] = []
    left = room
    for face, words in line:
        begun = 0
        for place, sign in enumerate(words):
            wide = stringWidth(sign, face, styles.CODE.fontSize)
            if wide > left:
                yield [*now, (face, words[begun:place])]
                now, begun, left = [], place, room
            left -= wide
        now.append((face, words[begun:]))
    yield now


class Lines(Flowable):
    """Lines on a light ground."""

    def __init__(self, lines: list[list[Piece]], left: float, after: float) -> None:
        super().__init__()
        self._lines = lines
        self._left = left
        self._after = after
        self._wide = 0.0

    def wrap(self, room: float, _height: float) -> tuple[float, float]:
        """As wide as there is room."""
        self._wide = room
        return room, len(self._lines) * styles.CODE.leading

    def getSpaceAfter(self) -> float:
        """Points."""
        return self._after

    def draw(self) -> None:
        """The ground, then the lines from the top."""
        canvas: Any = self.canv
        leading = styles.CODE.leading
        high = len(self._lines) * leading
        canvas.setFillColor(styles.LIGHT)
        canvas.rect(self._left, 0, self._wide - self._left, high, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        for number, line in enumerate(self._lines, start=1):
            words = canvas.beginText(self._left + PAD, high - number * leading + 3)
            for face, said in line:
                words.setFont(face, styles.CODE.fontSize)
                words.textOut(said)
            canvas.drawText(words)
