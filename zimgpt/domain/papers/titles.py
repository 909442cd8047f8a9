"""What a document is called."""

from __future__ import annotations

from typing import Final

from zimgpt.domain.conversations import title
from zimgpt.domain.questions import Kind

LONGEST: Final = 160
"""Characters of a topic that is a title as it stands."""


def topic(question: str, kind: Kind) -> str:
    """The title of an answer: an essay's whole topic, which is its first paragraph, or
    the start of a question."""
    first = question.strip().split("\n\n", 1)[0]
    line = " ".join(first.split())
    if kind is Kind.ESSAY and len(line) <= LONGEST:
        return line
    return title(first)
