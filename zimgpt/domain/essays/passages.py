"""One section as a model writes it: let through by the sentence, until it is enough."""

from __future__ import annotations

import re
from typing import Final

import attrs

from zimgpt.domain.essays.briefs import LONGEST_HEADING
from zimgpt.domain.essays.counting import in_sentence
from zimgpt.domain.essays.sources import unlinked

LONGEST_HELD: Final = 1_500
"""Characters that wait for the end of their sentence; a longer one goes in parts."""

_END: Final = re.compile(
    r"(?<![\s(][A-Z])(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bProf)(?<!\bSt)(?<!\bvs)"
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bal)(?<!\bp)(?<!\bpp)"
    r"[.!?…][\"'\u201d\u2019)\]*_]*\s+|\n+"
)
_BOLD: Final = re.compile(r"\s*\*\*[^*\n]+\*\*:?\s*$")


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
    _fresh: bool = True  # at the beginning of a line

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
        if not whole or (self._fresh and rest.lstrip().startswith("#")):
            return ""
        return self._passed(rest.rstrip())

    def _unit(self) -> str:
        """Takes the next sentence or line, with the blanks after it."""
        if self._fresh and self._held.lstrip().startswith("#"):
            line, end, rest = self._held.lstrip().partition("\n")
            if not end and len(line) <= LONGEST_HEADING:
                return ""  # perhaps the line goes on
            if len(line) <= LONGEST_HEADING:
                self._held = rest
                return line + end
            self._held = self._held.lstrip("# \t\n")  # a paragraph that looks like one
        found = _END.search(self._held)
        at = 0 if found is None else found.end()
        if found is None and len(self._held) > LONGEST_HELD:
            at = self._held.rfind(" ", 0, LONGEST_HELD) + 1 or LONGEST_HELD
        unit, self._held = self._held[:at], self._held[at:]
        return unit

    def _passed(self, unit: str) -> str:
        fresh, self._fresh = self._fresh, "\n" in unit[len(unit.rstrip()) :]
        heads = fresh and (unit.lstrip().startswith("#") or bool(_BOLD.match(unit)))
        if not self._begun and (not unit.strip() or self._repeats(unit, heads)):
            return ""
        unit = unlinked(unit)
        if heads:
            unit = f"### {unit.strip().strip('#*: ')}\n\n"
        count = 0 if heads else in_sentence(unit)
        if self.words + count > self.most:
            self.full = True
            return ""
        self._begun = True
        self.words += count
        self.full = self.words >= self.enough
        return unit

    def _repeats(self, unit: str, heads: bool) -> bool:
        """Whether this is the heading once more, or another one that goes before."""
        plain = unit.strip().strip("#*_: \n").rstrip(".").casefold()
        return heads or plain == self.heading.casefold()
