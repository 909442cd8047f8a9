"""What an essay shall be: the same brief on every channel."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import attrs

from zimgpt.domain.errors import BadRequest, Refusal
from zimgpt.domain.questions import check
from zimgpt.domain.texts import Language

FEWEST_WORDS: Final = 100
MOST_WORDS: Final = 5_000
LONGEST_TOPIC: Final = 4_000
"""Characters of a topic or exam question."""
MOST_POINTS: Final = 20
LONGEST_POINT: Final = 300
LONGEST_HEADING: Final = 120
FEWEST_SECTIONS: Final = 2
MOST_SECTIONS: Final = 12
SECTION_POINTS: Final = 8
PAGE: Final = 300
"""Words on a written page."""


class Level(StrEnum):
    """For whom an essay is written."""

    ZIMSEC_O = "zimsec_o"
    ZIMSEC_A = "zimsec_a"
    CAMBRIDGE_O = "cambridge_o"
    CAMBRIDGE_A = "cambridge_a"
    UNIVERSITY = "university"
    GENERAL = "general"


class Style(StrEnum):
    """How sources are cited."""

    NONE = "none"
    HARVARD = "harvard"
    APA = "apa"
    MLA = "mla"


class Step(StrEnum):
    """What is wanted now: the outline, which is cheap, or the essay."""

    OUTLINE = "outline"
    ESSAY = "essay"


class BriefInvalid(Refusal):
    """This order of an essay cannot be written. Please look at its length, points and outline."""  # noqa: E501

    code = "brief_invalid"


@attrs.frozen
class Section:
    """A part of an outline; ``words`` is its share of the length, if one is wished."""

    heading: str
    points: tuple[str, ...] = ()
    words: int | None = None


@attrs.frozen(kw_only=True)
class Brief:
    """All that was chosen, but for the topic, which is the question itself."""

    level: Level
    words: int
    style: Style = Style.NONE
    language: Language = Language.ENGLISH
    points: tuple[str, ...] = ()
    outline: tuple[Section, ...] = ()
    step: Step = Step.ESSAY

    @property
    def pages(self) -> int:
        """Written pages that the words fill, the last one perhaps in part."""
        return -(-self.words // PAGE)


def checked(topic: str, brief: Brief) -> Brief:
    """The brief with its texts on one line each; raises a Refusal that says what is
    wrong with it."""
    check(topic)
    if len(topic) > LONGEST_TOPIC:
        raise BriefInvalid(f"Please keep the topic under {LONGEST_TOPIC:,} characters.")
    if not FEWEST_WORDS <= brief.words <= MOST_WORDS:
        raise BriefInvalid(
            f"An essay has {FEWEST_WORDS} to {MOST_WORDS:,} words. Please choose a"
            " length in between."
        )
    if len(brief.points) > MOST_POINTS:
        raise BriefInvalid(f"Please name at most {MOST_POINTS} points to cover.")
    return attrs.evolve(
        brief,
        points=tuple(_line(point, LONGEST_POINT, "point") for point in brief.points),
        outline=_outline(brief.outline),
    )


def _outline(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    if sections and not FEWEST_SECTIONS <= len(sections) <= MOST_SECTIONS:
        raise BriefInvalid(
            f"An outline has {FEWEST_SECTIONS} to {MOST_SECTIONS} sections."
        )
    return tuple(map(_section, sections))


def _section(section: Section) -> Section:
    if len(section.points) > SECTION_POINTS:
        raise BriefInvalid(f"A section has at most {SECTION_POINTS} points.")
    if section.words is not None and not 1 <= section.words <= MOST_WORDS:
        raise BriefInvalid(f"A section has 1 to {MOST_WORDS:,} words.")
    return Section(
        _line(section.heading, LONGEST_HEADING, "heading"),
        tuple(_line(point, LONGEST_POINT, "point") for point in section.points),
        section.words,
    )


def _line(text: str, longest: int, what: str) -> str:
    line = " ".join(text.split())
    try:
        check(line)
    except Refusal as why:
        raise BadRequest(f"A {what} of this essay cannot be read.") from why
    if len(line) > longest:
        raise BriefInvalid(f"Please keep each {what} under {longest} characters.")
    return line
