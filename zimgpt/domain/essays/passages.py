"""One section as a model writes it: let through by the sentence, until it is enough."""

from __future__ import annotations

import re
from typing import Final

import attrs

from zimgpt.domain.essays.counting import words
from zimgpt.domain.essays.sources import unlinked

LONGEST_HELD: Final = 1_500
"""Characters that wait for the end of their sentence; a longer one goes in parts."""

_END: Final = re.compile(
    r"(?<![\s(][A-Z])(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bProf)(?<!\bSt)(?<!\bvs)"
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bal)(?<!\bp)(?<!\bpp)"
    r"[.!?…][\"'\u201d\u2019)\]*_]*\s+|\n+"
)
_HEADING: Final = re.compile(r"\s*#{1,6}\s+|\s*\*\*[^*\n]+\*\*:?\s*$")


@attrs.define
class Passage:
    """What has come of a section. Words are counted as they are let through."""

    heading: str
    """The section's own, which models like to repeat."""
    enough: int
    """Words after which it ends with the sentence."""
    most: int
    """Words that it never has more of."""
    words: int = 0
    full: bool = False
    _held: str = ""
    _begun: bool = False

    def feed(self, text: str) -> str:
        """The sentences that are whole now, as they are to be shown."""
        self._held += text
        shown = []
        while not self.full and (unit := self._unit()):
            shown.append(self._passed(unit))
        return "".join(shown)

    def end(self, whole: bool) -> str:
        """The last sentence, if the model has ended it; half a sentence is dropped."""
        rest, self._held = self._held, ""
        if self.full or not rest.strip():
            return ""
        return self._passed(rest.rstrip()) if whole or not self.words else ""

    def _unit(self) -> str:
        """Takes the next sentence or line, with the blanks after it."""
        found = _END.search(self._held)
        at = 0 if found is None else found.end()
        if found is None and len(self._held) > LONGEST_HELD:
            at = self._held.rfind(" ", 0, LONGEST_HELD) + 1 or LONGEST_HELD
        unit, self._held = self._held[:at], self._held[at:]
        return unit

    def _passed(self, unit: str) -> str:
        if not self._begun and (not unit.strip() or self._repeats(unit)):
            return ""
        unit = unlinked(unit)
        if _HEADING.match(unit):
            unit = "### " + unit.lstrip("#* \n")
        count = words(unit)
        if self.words + count > self.most:
            self.full = True
            return ""
        self._begun = True
        self.words += count
        self.full = self.words >= self.enough
        return unit

    def _repeats(self, unit: str) -> bool:
        """Whether this is the heading once more."""
        plain = unit.strip().strip("#*_: \n").rstrip(".").casefold()
        return plain == self.heading.casefold() or bool(
            re.match(r"\s*#{1,6}\s", unit) and unit.endswith("\n")
        )
