"""How an essay will be written: the share of each section, and the most it can take."""

from __future__ import annotations

from typing import Final

import attrs

from zimgpt.domain.essays import outlines, prompting
from zimgpt.domain.essays.briefs import MOST_SECTIONS, Brief, Section, Step, Style
from zimgpt.domain.ledger import Usage
from zimgpt.domain.questions import size
from zimgpt.domain.texts import Language

PER_WORD: Final = {Language.ENGLISH: 2, Language.SHONA: 4, Language.NDEBELE: 4}
"""Model tokens that a written word takes at most, with some slack."""

USUAL: Final = {Language.ENGLISH: 14, Language.SHONA: 28, Language.NDEBELE: 28}
"""Model tokens that ten written words usually take."""

OUTLINE_SECTION: Final = {
    Language.ENGLISH: 90,
    Language.SHONA: 160,
    Language.NDEBELE: 160,
}
"""Model tokens of a section of an outline, at most."""

REFERENCES_MOST: Final = 700
"""Model tokens of a list of references, at most."""

CALL_WORDS: Final = 700
"""Words that a model is asked for at a time: few write many more in one answer."""

EXTRA_CALLS: Final = 2
"""Further answers for sections that came out short, and one more for so many words:"""

EXTRA_WORDS: Final = 1_000

TOLERANCE: Final = 10
"""Percent by which an essay may be longer or shorter than was asked."""

SIDE: Final = 60
"""Percent of a section's share that introduction and conclusion get."""


@attrs.frozen
class Limits:
    """What writing can take at most: answers of a model, and model tokens."""

    calls: int
    prompt: int
    completion: int


def shares(outline: tuple[Section, ...], words: int, start: int = 0) -> tuple[int, ...]:
    """Words for each section from ``start`` on, which add up to ``words``.

    The sections' own wishes count if all of them have one.
    """
    weights = [one.words or 0 for one in outline]
    if not all(weights):
        weights = [100] * len(outline)
        if len(outline) > 2:
            weights[0] = weights[-1] = SIDE
    weights = weights[start:]
    total, given, so_far = sum(weights), 0, 0
    found = []
    for weight in weights:
        so_far += weight
        found.append(words * so_far // total - given)
        given += found[-1]
    return tuple(found)


def most_sections(words: int) -> int:
    """As many sections as an outline that a model makes may have."""
    return min(outlines.wanted(words) + 1, MOST_SECTIONS)


def outline_most(brief: Brief) -> int:
    """Model tokens of an outline, at most."""
    return most_sections(brief.words) * OUTLINE_SECTION[brief.language]


def limits(topic: str, brief: Brief) -> Limits:
    """The most that this step of this essay can take; the hold covers it."""
    if brief.step is Step.OUTLINE:
        return Limits(1, size(prompting.outline(topic, brief)), outline_most(brief))
    outline = brief.outline or outlines.plain(brief)
    if brief.outline:
        calls = sum(-(-share // CALL_WORDS) for share in shares(outline, brief.words))
    else:
        calls = most_sections(brief.words)
    calls += EXTRA_CALLS + brief.words // EXTRA_WORDS
    prompt = calls * _section_prompt(topic, brief, outline)
    completion = brief.words * PER_WORD[brief.language] * (100 + TOLERANCE) // 100
    if not brief.outline:
        prompt += size(prompting.outline(topic, brief)) + calls * outline_most(brief)
        completion += outline_most(brief)
        calls += 1
    if brief.style is not Style.NONE:
        prompt += size(prompting.references(brief, "")) + completion
        completion += REFERENCES_MOST
        calls += 1
    return Limits(calls, prompt, completion)


def usual(topic: str, brief: Brief) -> Usage:
    """Model tokens that this step usually takes."""
    if brief.step is Step.OUTLINE:
        prompt = size(prompting.outline(topic, brief)) * 3 // 4
        return Usage(prompt, outlines.wanted(brief.words) * 45)
    outline = brief.outline or outlines.plain(brief)
    words = brief.words * USUAL[brief.language] // 10
    prompt = len(outline) * _section_prompt(topic, brief, outline) * 3 // 4
    if not brief.outline:
        prompt += size(prompting.outline(topic, brief)) * 3 // 4
        words += outlines.wanted(brief.words) * 45
    if brief.style is not Style.NONE:
        prompt, words = prompt + words, words + 200
    return Usage(prompt, words)


def _section_prompt(topic: str, brief: Brief, outline: tuple[Section, ...]) -> int:
    longest = max(range(len(outline)), key=lambda at: len(str(outline[at])))
    so_far = "x" * prompting.TAIL
    return size(prompting.section(topic, brief, outline, longest, so_far, brief.words))
