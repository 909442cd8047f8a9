"""What people read, in their own language.

One flat catalogue per language, in JSON so that the web app can read the same. Wording
is free of plurals: ``Tokens: 5``, never ``5 token(s)``. Commands are written in
capitals, each in the language it is read in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType
from typing import Final


class Language(StrEnum):
    """A language that all our texts exist in; the value names its catalogue."""

    ENGLISH = "en"
    SHONA = "sn"
    NDEBELE = "nd"


NAMES: Final = {
    Language.ENGLISH: "English",
    Language.SHONA: "chiShona",
    Language.NDEBELE: "isiNdebele",
}
"""Each language as its own speakers call it."""


def _read(language: Language) -> Mapping[str, str]:
    text = files(__name__).joinpath(f"{language}.json").read_text("utf-8")
    return MappingProxyType(json.loads(text))


CATALOGUES: Final = MappingProxyType(
    {language: _read(language) for language in Language}
)


def say(language: Language, key: str, **values: str | int) -> str:
    """The text of ``key``; numbers get their thousands marked."""
    shown = {
        name: count(value) if isinstance(value, int) else value
        for name, value in values.items()
    }
    return CATALOGUES[language][key].format(**shown)


def count(number: int) -> str:
    """A whole number as it is read: ``12,500``."""
    return f"{number:,}"
