"""What models are told, in files of their own.

A released version is never edited: other words are the next version, so that what is
stored with an answer says exactly what its model was told.
"""

from __future__ import annotations

from importlib.resources import files
from string import Template
from types import MappingProxyType
from typing import Final

from zimgpt.domain.texts import Language

VERSION: Final = "v1"
"""Of the prompts in use; stored with each answer that they led to."""

NAMES: Final = (
    "chat",
    "essay",
    "outline",
    "section",
    "references",
    "cite",
    "summary",
    "remembered",
)

LANGUAGES: Final = {
    Language.ENGLISH: "English",
    Language.SHONA: "Shona (chiShona)",
    Language.NDEBELE: "Zimbabwean Ndebele (isiNdebele)",
}
"""Each language as models know it."""

_TEXTS: Final = MappingProxyType(
    {
        name: Template(
            files(__name__).joinpath(VERSION, f"{name}.txt").read_text("utf-8").strip()
        )
        for name in NAMES
    }
)


def told(name: str, **values: str | int) -> str:
    """A prompt with its places filled in; a missing or unknown one is a KeyError."""
    return _TEXTS[name].substitute(values)
