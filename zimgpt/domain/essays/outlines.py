"""Outlines as models write them, made into sections that people can edit."""

from __future__ import annotations

import re
from typing import Final

from zimgpt.domain.essays.briefs import (
    FEWEST_SECTIONS,
    LONGEST_HEADING,
    LONGEST_POINT,
    MOST_SECTIONS,
    SECTION_POINTS,
    Brief,
    Section,
)
from zimgpt.domain.prompts import LANGUAGES
from zimgpt.domain.texts import say

WORDS_A_SECTION: Final = 450

_HEADING: Final = re.compile(
    r"\s*(?:#{1,6}\s+|\*\*(?=.+\*\*:?\s*$)|(?:\d{1,2}|[IVX]{1,4})[.)]\s+)(.*)"
)
_POINT: Final = re.compile(r"\s*(?:[-*•+]|[a-z][.)])\s+(.*)")
_NUMBER: Final = re.compile(
    r"^(?:(?:\d{1,2}|[IVX]{1,4})[.)]|(?:section|part) \d+:)\s+", re.IGNORECASE
)
_MARKS: Final = re.compile(r"[*_`#]+")


def wanted(words: int) -> int:
    """How many sections an essay of this length should have."""
    return min(2 + max(1, round(words * 3 / 4 / WORDS_A_SECTION)), MOST_SECTIONS)


def parsed(text: str) -> tuple[Section, ...]:
    """The sections of an outline; empty if it has fewer than two.

    Headings are Markdown headings, bold or numbered lines; points are list items.
    """
    sections: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if (heading := _HEADING.match(line)) and _plain(heading[1], LONGEST_HEADING):
            sections.append((_plain(heading[1], LONGEST_HEADING), []))
        elif (point := _POINT.match(line)) and sections:
            found = _plain(point[1], LONGEST_POINT)
            if found and len(sections[-1][1]) < SECTION_POINTS:
                sections[-1][1].append(found)
    if len(sections) > FEWEST_SECTIONS and not sections[0][1]:
        del sections[0]  # the essay's title
    if len(sections) < FEWEST_SECTIONS:
        return ()
    return tuple(Section(name, tuple(points)) for name, points in _few(sections))


def plain(brief: Brief) -> tuple[Section, ...]:
    """The outline that any essay could have, for when none was made."""
    tongue = brief.language
    middle = wanted(brief.words) - 2
    return (
        Section(say(tongue, "essay.part.first")),
        *(
            Section(say(tongue, "essay.part.middle", number=at + 1), points)
            for at, points in enumerate(_dealt(brief.points, middle))
        ),
        Section(say(tongue, "essay.part.last")),
    )


def written(outline: tuple[Section, ...]) -> str:
    """An outline as text, in the form in which models are asked for it."""
    return "\n\n".join(
        "\n".join((f"## {one.heading}", *(f"- {point}" for point in one.points)))
        for one in outline
    )


def language_of(brief: Brief) -> str:
    """The brief's language as a model knows it."""
    return LANGUAGES[brief.language]


def _plain(text: str, longest: int) -> str:
    line = _NUMBER.sub("", " ".join(_MARKS.sub("", text).split())).strip(" :")
    return line[:longest].rstrip()


def _few(sections: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """No more sections than an outline has: of too many, the end is kept."""
    if len(sections) <= MOST_SECTIONS:
        return sections
    return [*sections[: MOST_SECTIONS - 1], sections[-1]]


def _dealt(points: tuple[str, ...], hands: int) -> list[tuple[str, ...]]:
    """Points in their order, as evenly as they go."""
    each = -(-len(points) // hands) if points else 0
    return [points[at * each : (at + 1) * each][:SECTION_POINTS] for at in range(hands)]
