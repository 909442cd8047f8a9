"""The order of an essay as JSON: the same on the websocket, over HTTP and at rest."""

from __future__ import annotations

from typing import Literal

import msgspec

from zimgpt.domain.essays import briefs
from zimgpt.domain.essays.briefs import Level, Step, Style
from zimgpt.domain.texts import Language


class Section(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A part of an outline, with its points and its share of the words."""

    heading: str
    points: list[str] = []
    words: int | None = None


class Brief(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What an essay shall be; its topic is the question's text."""

    level: Literal[
        "zimsec_o", "zimsec_a", "cambridge_o", "cambridge_a", "university", "general"
    ]
    words: int
    style: Literal["none", "harvard", "apa", "mla"] = "none"
    language: Literal["en", "sn", "nd"] = "en"
    points: list[str] = []
    outline: list[Section] = []
    step: Literal["outline", "essay"] = "essay"


_decoder = msgspec.json.Decoder(Brief)


def understood(brief: Brief) -> briefs.Brief:
    """The order as the rules know it."""
    return briefs.Brief(
        level=Level(brief.level),
        words=brief.words,
        style=Style(brief.style),
        language=Language(brief.language),
        points=tuple(brief.points),
        outline=tuple(
            briefs.Section(one.heading, tuple(one.points), one.words)
            for one in brief.outline
        ),
        step=Step(brief.step),
    )


def shape(brief: briefs.Brief) -> Brief:
    """An order as it is told."""
    return Brief(
        level=brief.level.value,
        words=brief.words,
        style=brief.style.value,
        language=brief.language.value,
        points=list(brief.points),
        outline=shapes(brief.outline),
        step=brief.step.value,
    )


def shapes(outline: tuple[briefs.Section, ...]) -> list[Section]:
    """An outline as it is told."""
    return [Section(one.heading, list(one.points), one.words) for one in outline]


def stored(brief: briefs.Brief) -> str:
    """An order at rest."""
    return msgspec.json.encode(shape(brief)).decode()


def restored(text: str) -> briefs.Brief:
    """An order that was stored."""
    return understood(_decoder.decode(text))
