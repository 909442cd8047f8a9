"""What a document is called."""

from __future__ import annotations

from typing import Final

from zimgpt.domain.conversations import title
from zimgpt.domain.essays.briefs import Level
from zimgpt.domain.questions import Kind
from zimgpt.domain.texts import Language, say

LONGEST: Final = 160
"""Characters of a topic that is a title as it stands."""


def level_name(language: Language, level: Level) -> str:
    """Whom an essay is for, as people call it; examining boards have one name."""
    ordinary, advanced = say(language, "essay.level.o"), say(language, "essay.level.a")
    match level:
        case Level.ZIMSEC_O:
            return f"ZIMSEC {ordinary}"
        case Level.ZIMSEC_A:
            return f"ZIMSEC {advanced}"
        case Level.CAMBRIDGE_O:
            return f"Cambridge {ordinary}"
        case Level.CAMBRIDGE_A:
            return f"Cambridge {advanced}"
        case Level.UNIVERSITY:
            return say(language, "essay.level.u")
        case Level.GENERAL:
            return say(language, "essay.level.g")


def topic(question: str, kind: Kind) -> str:
    """The title of an answer: an essay's whole topic, which is its first paragraph, or
    the start of a question."""
    first = question.strip().split("\n\n", 1)[0]
    line = " ".join(first.split())
    if kind is Kind.ESSAY and len(line) <= LONGEST:
        return line
    return title(first)
