"""What a model is told of an essay: its outline, one section, its references."""

from __future__ import annotations

from typing import Final

from zimgpt.domain.essays.briefs import Brief, Level, Section, Style
from zimgpt.domain.essays.outlines import language_of, wanted, written
from zimgpt.domain.prompts import told
from zimgpt.domain.questions import Message
from zimgpt.domain.texts import say

TAIL: Final = 1_200
"""Bytes of what is written already that the next section is shown."""

READERS: Final = {
    Level.ZIMSEC_O: "a pupil who prepares for the ZIMSEC O-Level",
    Level.ZIMSEC_A: "a student who prepares for the ZIMSEC A-Level",
    Level.CAMBRIDGE_O: "a pupil who prepares for the Cambridge IGCSE or O Level",
    Level.CAMBRIDGE_A: "a student who prepares for the Cambridge International A Level",
    Level.UNIVERSITY: "a university student",
    Level.GENERAL: "a general reader",
}
STYLES: Final = {Style.HARVARD: "Harvard", Style.APA: "APA", Style.MLA: "MLA"}


def outline(topic: str, brief: Brief) -> tuple[Message, ...]:
    """Asks for the outline."""
    instructions = told(
        "outline",
        reader=READERS[brief.level],
        words=brief.words,
        language=language_of(brief),
        sections=wanted(brief.words),
    )
    return Message("system", instructions), Message("user", _order(topic, brief))


def section(
    topic: str,
    brief: Brief,
    sections: tuple[Section, ...],
    at: int,
    so_far: str,
    words: int,
    *,
    begins: bool = True,
) -> tuple[Message, ...]:
    """Asks for section ``at``, or for more of it unless it ``begins``; ``so_far`` is
    all that is written before."""
    style = STYLES.get(brief.style)
    instructions = told(
        "section",
        reader=READERS[brief.level],
        language=language_of(brief),
        words=words,
        cite=told("cite", style=style) if style else "Cite no sources.",
        uncertain=say(brief.language, "essay.uncertain"),
    )
    one = sections[at]
    parts = [_order(topic, brief), "The outline:\n" + written(sections)]
    if so_far:
        parts.append("What is written already ends with:\n" + tail(so_far))
    task = "Write the section" if begins else "Go on with the section"
    points = "".join(f"\n- {point}" for point in one.points)
    parts.append(f'{task} "{one.heading}" now, in about {words} words.{points}')
    return Message("system", instructions), Message("user", "\n\n".join(parts))


def references(brief: Brief, essay: str) -> tuple[Message, ...]:
    """Asks for the list of what the essay cites."""
    instructions = told(
        "references",
        style=STYLES[brief.style],
        none=say(brief.language, "essay.no_references"),
    )
    return Message("system", instructions), Message("user", essay)


def tail(text: str) -> str:
    """The end of a text, from the start of a word."""
    kept = text.encode()[-TAIL:].decode("utf-8", "ignore")
    return kept if len(kept) == len(text) else kept.partition(" ")[2] or kept


def _order(topic: str, brief: Brief) -> str:
    if not brief.points:
        return topic
    points = "".join(f"\n- {point}" for point in brief.points)
    return f"{topic}\n\nPoints to cover:{points}"
