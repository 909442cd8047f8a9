"""An outline changed by typing, and points to cover: the lines that people write.

Either every line says what to add or to delete, or the lines are the outline as it
shall be: numbers keep sections, words after a number rename one, words are a new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, TypeAlias

import attrs

from zimgpt.domain.dialogue import words
from zimgpt.domain.errors import Refusal
from zimgpt.domain.essays.briefs import (
    FEWEST_SECTIONS,
    LONGEST_HEADING,
    LONGEST_POINT,
    MOST_POINTS,
    MOST_SECTIONS,
    SECTION_POINTS,
    Section,
)
from zimgpt.domain.questions import check

_POINT: Final = re.compile(r"[-*•+\u2013\u2014]\s*(.+)")
_PLACES: Final = re.compile(r"[\d\s,;.)&\u2013-]*\d[\d\s,;.)&\u2013-]*", re.ASCII)
_RANGE: Final = re.compile(r"(\d+)(?:\s*[\u2013-]\s*(\d+))?", re.ASCII)
_NUMBERED: Final = re.compile(r"(\d{1,2})\s*[.):\u2013-]?\s+(.*\S.*)", re.ASCII)
_LISTED: Final = re.compile(r"(?:[-*•+\u2013\u2014]|\d{1,2}[.)])\s*(?=\S)", re.ASCII)


class Wrong(StrEnum):
    """Why lines could not be followed; the value is the text's key."""

    UNCLEAR = "outline.unclear"
    NUMBER = "outline.number"
    COUNT = "outline.count"
    LONG = "outline.long"
    POINTS_UNCLEAR = "essay.points.unclear"
    POINTS_MANY = "essay.points.many"
    POINTS_LONG = "essay.points.long"


Sections: TypeAlias = tuple[Section, ...]


@attrs.frozen
class _Cannot(Exception):  # noqa: N818 - said by its own name
    why: Wrong


def edited(outline: Sections, text: str) -> Sections | Wrong:
    """The outline as these lines have it, or what is wrong with them."""
    lines = _lines(text)
    try:
        changed = _commanded(outline, lines)
        if changed is None:
            changed = _listed(outline, lines)
    except _Cannot as cannot:
        return cannot.why
    if not FEWEST_SECTIONS <= len(changed) <= MOST_SECTIONS:
        return Wrong.COUNT
    return changed


def points(text: str) -> tuple[str, ...] | Wrong:
    """Points to cover, one from each line, without their numbers or dots."""
    found = tuple(_LISTED.sub("", line, count=1) for line in _lines(text))
    if not found or not all(map(_readable, found)):
        return Wrong.POINTS_UNCLEAR
    if len(found) > MOST_POINTS:
        return Wrong.POINTS_MANY
    if any(len(point) > LONGEST_POINT for point in found):
        return Wrong.POINTS_LONG
    return found


def _lines(text: str) -> list[str]:
    """Lines with words in them, without blanks too many."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


# ---- to add and to delete


def _commanded(outline: Sections, lines: list[str]) -> Sections | None:
    """None unless every line says what to do."""
    orders = [order for order in map(words.edit, lines) if order is not None]
    if not orders or len(orders) < len(lines):
        return None
    gone: set[int] = set()
    new: list[Section] = []
    for edit, rest in orders:
        if edit is words.Edit.ADD:
            new.append(Section(_heading(rest)))
        elif not _PLACES.fullmatch(rest):
            raise _Cannot(Wrong.NUMBER)
        else:
            gone.update(_places(outline, rest))
    kept = [one for at, one in enumerate(outline) if at not in gone]
    return (*kept[:-1], *new, *kept[-1:])  # before the conclusion


# ---- as it shall be


def _listed(outline: Sections, lines: list[str]) -> Sections:
    if len(lines) < 2 and not any(map(_PLACES.fullmatch, lines)):
        return _renamed(outline, *lines)
    named = {one.heading.casefold(): at for at, one in enumerate(outline)}
    claimed = {named.get(_name(line).casefold()) for line in lines}
    sections: list[Section] = []
    used: set[int] = set()
    for line in lines:
        if point := _POINT.fullmatch(line):
            _add_point(sections, point[1])
        elif _PLACES.fullmatch(line):
            fresh = [at for at in _places(outline, line) if at not in used]
            sections += [outline[at] for at in dict.fromkeys(fresh)]
            used.update(fresh)
        else:
            sections.append(_section(outline, line, named, claimed, used))
    return tuple(sections)


def _renamed(outline: Sections, line: str = "") -> Sections:
    """One section by its number; one line of mere words is no outline."""
    numbered = _NUMBERED.fullmatch(line)
    if not numbered:
        raise _Cannot(Wrong.UNCLEAR)
    (at,) = _places(outline, numbered[1])
    new = attrs.evolve(outline[at], heading=_heading(numbered[2]))
    return (*outline[:at], new, *outline[at + 1 :])


def _section(
    outline: Sections,
    line: str,
    named: dict[str, int],
    claimed: set[int | None],
    used: set[int],
) -> Section:
    """A section by its name or its number, or a new one. Whoever numbers a whole list
    anew means names: a number renames only what no line names."""
    heading = _heading(_name(line))
    at = named.get(heading.casefold())
    numbered = _NUMBERED.fullmatch(line)
    if at is None and numbered and 1 <= int(numbered[1]) <= len(outline):
        at = int(numbered[1]) - 1
        at = None if at in claimed else at
    if at is None or at in used:
        return Section(heading)
    used.add(at)
    return attrs.evolve(outline[at], heading=heading)


def _name(line: str) -> str:
    numbered = _NUMBERED.fullmatch(line)
    return numbered[2] if numbered else line


def _add_point(sections: list[Section], text: str) -> None:
    if not sections or not _readable(text):
        raise _Cannot(Wrong.UNCLEAR)
    last = sections[-1]
    if len(last.points) >= SECTION_POINTS or len(text) > LONGEST_POINT:
        raise _Cannot(Wrong.LONG)
    sections[-1] = attrs.evolve(last, points=(*last.points, text))


def _places(outline: Sections, text: str) -> Iterator[int]:
    """Places of sections by their numbers, which may be ranges such as 2-4."""
    for first, last in _RANGE.findall(text):
        start, end = int(first), int(last or first)
        if not 1 <= start <= end <= len(outline):
            raise _Cannot(Wrong.NUMBER)
        yield from range(start - 1, end)


def _heading(text: str) -> str:
    if not _readable(text):
        raise _Cannot(Wrong.UNCLEAR)
    if len(text) > LONGEST_HEADING:
        raise _Cannot(Wrong.LONG)
    return text


def _readable(text: str) -> bool:
    """Whether it can be kept, and has a letter or a digit."""
    try:
        check(text)
    except Refusal:
        return False
    return any(map(str.isalnum, text))
