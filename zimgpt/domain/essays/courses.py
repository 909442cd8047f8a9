"""The course of an essay: which section is next, how long it shall be, when it is done.

Each section's share is measured against what has been written before it, so that one
that came out long or short is made up for by those that follow.
"""

from __future__ import annotations

from typing import Final

import attrs

from zimgpt.domain.essays.briefs import Brief, Section, Style
from zimgpt.domain.essays.plans import (
    CALL_WORDS,
    PER_WORD,
    REFERENCES_MOST,
    TOLERANCE,
    Limits,
    shares,
)
from zimgpt.domain.ledger import Usage

STRETCH: Final = (80, 170)
"""Percent of what is wanted that a model is asked for, at least and at most, once it is
known how much of it this one writes."""

FEWEST: Final = 15
"""Words below which an answer has not brought a section further."""

SHORT: Final = 50
"""Percent of its share that a section must have to be left at that."""

NEARLY: Final = 90
"""Percent of its share with which a section that broke off is left at that."""

ENOUGH: Final = 115
"""Percent of what was asked for after which a section ends with its sentence."""

LONG: Final = 125
"""Percent of its share that a section never goes beyond."""

LEAST_TOKENS: Final = 32
"""Model tokens below which no answer is asked for any more."""

FAILURES: Final = 3
"""Answers in a row that bring nothing, after which an essay is given up."""

BREAKS: Final = 12
"""Answers that break off, in all, after which it is."""


@attrs.frozen
class Task:
    """One answer that is wanted of a model."""

    at: int
    """The section."""
    words: int
    """That the model is asked for; more than is wanted of one that writes too few."""
    enough: int
    most: int
    max_tokens: int
    begins: bool
    """False where the section has some text already."""


@attrs.define
class Course:
    """How far an essay is."""

    brief: Brief
    outline: tuple[Section, ...]
    left: Limits
    """What may still be asked for."""
    words: int = 0
    failures: int = 0
    """Answers in a row that brought nothing."""
    _at: int = 0
    _section: int = 0  # words of the section under way
    _share: int = 0
    _breaks: int = 0
    _wanted: int = 0
    _told: int = 0  # words that were asked for in answers that ended
    _heard: int = 0  # and those that came

    @property
    def done(self) -> bool:
        """Every section is there."""
        return self._at >= len(self.outline)

    def next(self) -> Task | None:
        """The next answer that is wanted; None when all is written or nothing helps."""
        if self.done or self.failures >= FAILURES or self._breaks >= BREAKS:
            return None
        left = self._left()
        if left.calls < 1 or left.completion < LEAST_TOKENS:
            return None
        if not self._section:
            rest = max(self.brief.words - self.words, 1)
            self._share = max(shares(self.outline, rest, self._at)[0], 2 * FEWEST)
        words = min(max(self._share - self._section, FEWEST), CALL_WORDS)
        self._wanted = self._stretched(words)
        tokens = words * PER_WORD[self.brief.language] * LONG // 100 + 50
        return Task(
            at=self._at,
            words=self._wanted,
            enough=words * ENOUGH // 100,
            most=self._room(),
            max_tokens=min(tokens, left.completion),
            begins=not self._section,
        )

    def wrote(self, words: int, used: Usage, *, ended: bool) -> None:
        """An answer has come; ``ended`` if it was at its end, not broken off."""
        self.words += words
        self._section += words
        self.left = Limits(
            self.left.calls - ended,
            self.left.prompt,
            max(self.left.completion - used.completion, 0),
        )
        self._breaks += not ended
        if ended:
            self._told += self._wanted
            self._heard += words
        if words < FEWEST and (not ended or not self._section):
            self.failures += 1
            return
        self.failures = 0
        if self._wants_more(words, ended):
            return
        self._at += 1
        self._section = 0

    def _stretched(self, words: int) -> int:
        """What to ask for, so that this many come."""
        if not self._heard:
            return words
        least, most = STRETCH
        percent = min(max(100 * self._told // self._heard, least), most)
        return words * percent // 100

    def _wants_more(self, words: int, ended: bool) -> bool:
        if words < FEWEST or self.left.calls <= self._later():
            return False
        return self._short() if ended else self._section < self._share * NEARLY // 100

    def _left(self) -> Limits:
        """What is left for sections: the references have their own."""
        if self.brief.style is Style.NONE:
            return self.left
        return Limits(
            self.left.calls - 1,
            self.left.prompt,
            self.left.completion - REFERENCES_MOST,
        )

    def _later(self) -> int:
        """Answers that what comes after this section needs."""
        rest = len(self.outline) - self._at - 1
        return rest + (self.brief.style is not Style.NONE)

    def _room(self) -> int:
        """Words that the section may still have."""
        room = self.brief.words * (100 + TOLERANCE) // 100 - self.words
        if self._at < len(self.outline) - 1:
            room = min(room, self._share * LONG // 100 - self._section)
        return max(room, 1)

    def _short(self) -> bool:
        """Whether the section is too short to be left, seen with those before it."""
        if self._section < self._share * SHORT // 100:
            return True
        if self._at < len(self.outline) - 2:
            return False  # those that follow make up for it
        due = sum(shares(self.outline, self.brief.words)[: self._at + 1])
        return self.words < due * (100 - TOLERANCE // 2) // 100
