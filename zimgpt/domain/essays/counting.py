"""How many words an essay has, as a teacher counts them."""

from __future__ import annotations

from zimgpt.domain.essays.sources import headed
from zimgpt.domain.texts import Language


def words(text: str) -> int:
    """Stretches between blanks that have a letter or a digit, in lines that are no
    headings."""
    return sum(in_sentence(line) for line in text.split("\n") if not _heads(line))


def in_sentence(text: str) -> int:
    """The same of what is no heading, whatever it begins with."""
    return sum(any(map(str.isalnum, word)) for word in text.split())


def of_essay(text: str, language: Language) -> int:
    """The words of a whole essay without its headings and references."""
    return words(text.partition(headed(language))[0])


def _heads(line: str) -> bool:
    return line.lstrip().startswith("#")
