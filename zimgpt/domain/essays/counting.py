"""How many words an essay has, as a teacher counts them."""

from __future__ import annotations

from collections.abc import Iterable

from zimgpt.domain.essays.sources import headed
from zimgpt.domain.texts import Language


def words(text: str) -> int:
    """Stretches between blanks that have a letter or a digit; headings have none."""
    return sum(
        any(map(str.isalnum, word)) for line in _lines(text) for word in line.split()
    )


def of_essay(text: str, language: Language) -> int:
    """The words of a whole essay without its headings and references."""
    return words(text.partition(headed(language))[0])


def _lines(text: str) -> Iterable[str]:
    return (line for line in text.splitlines() if not line.lstrip().startswith("#"))
