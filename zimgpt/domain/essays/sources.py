"""Sources that a model names: marked as to be checked, and without links."""

from __future__ import annotations

import re
from typing import Final

from zimgpt.domain.texts import Language, say

_MARKED: Final = re.compile(
    r"!?\[([^\]]*)\]\(\s*(?:https?://|www\.|doi:|mailto:)[^)]*\)", re.IGNORECASE
)
_BARE: Final = re.compile(
    r"\(?<?\b(?:(?:available|retrieved|accessed)\s+(?:at|from)?:?\s*)?"
    r"(?:https?://|www\.|doi:\s*|doi\.org/)[^\s>)\]]+[>)]?",
    re.IGNORECASE,
)


def unlinked(text: str) -> str:
    """The text without links and identifiers, which models invent."""
    return _BARE.sub("", _MARKED.sub(r"\1", text))


def headed(language: Language) -> str:
    """The heading of the references, and the sentence that they are to be checked."""
    return (
        f"## {say(language, 'essay.references')}\n\n"
        f"*{say(language, 'essay.references.check')}*\n\n"
    )
