"""Ordering an essay: topic, level, length, language, sources, points, price, yes."""

from __future__ import annotations

from typing import Final

import attrs

from zimgpt.domain.conversations import title
from zimgpt.domain.dialogue import outlining, taps, words
from zimgpt.domain.dialogue.acts import Act, Say
from zimgpt.domain.dialogue.editing import Wrong, points
from zimgpt.domain.dialogue.facts import About, Quoted
from zimgpt.domain.dialogue.menus import button, noted, tongues
from zimgpt.domain.dialogue.orders import seal
from zimgpt.domain.dialogue.states import (
    Brief,
    EssayConfirm,
    EssayLanguage,
    EssayLength,
    EssayLevel,
    EssayPoints,
    EssayPricing,
    EssayStyle,
    EssayTopic,
    Level,
    State,
    step,
)
from zimgpt.domain.dialogue.words import Intent
from zimgpt.domain.errors import Refusal
from zimgpt.domain.essays import briefs
from zimgpt.domain.essays.prompting import STYLES
from zimgpt.domain.messages import Button, Buttons, Choices, Message, Row
from zimgpt.domain.questions import check
from zimgpt.domain.texts import Language, say

LONGEST_TOPIC: Final = 2_000
LENGTHS: Final = (300, 500, 800, 1_000, 1_500, 2_000, 2_500, 3_000)

LEVELS: Final = {
    Level.O_LEVEL: ("essay.level.o", "essay.level.o.more"),
    Level.A_LEVEL: ("essay.level.a", "essay.level.a.more"),
    Level.CAMBRIDGE_O: ("essay.level.co", "essay.level.co.more"),
    Level.CAMBRIDGE_A: ("essay.level.ca", "essay.level.ca.more"),
    Level.UNIVERSITY: ("essay.level.u", "essay.level.u.more"),
    Level.GENERAL: ("essay.level.g", "essay.level.g.more"),
}


def topic_shown(about: About, note: str) -> Message:
    """The first question."""
    tongue = about.language
    return Buttons(
        noted(note, say(tongue, "essay.topic")),
        (button(tongue, Intent.CANCEL),),
    )


def level_shown(about: About, note: str) -> Message:
    """For whom it shall be."""
    tongue = about.language
    return Choices(
        body=noted(note, say(tongue, "essay.level")),
        label=say(tongue, "essay.level.label"),
        rows=tuple(
            Row(
                taps.written(taps.Asked.LEVEL, level),
                say(tongue, name),
                say(tongue, more),
            )
            for level, (name, more) in LEVELS.items()
        ),
        footer=say(tongue, "steps.way"),
    )


def length_shown(about: About, note: str) -> Message:
    """How long it shall be."""
    tongue = about.language
    return Choices(
        body=noted(note, say(tongue, "essay.length", most=LENGTHS[-1])),
        label=say(tongue, "essay.length.label"),
        rows=tuple(
            Row(
                taps.written(taps.Asked.LENGTH, str(length)),
                say(tongue, "essay.length.row", words=length),
            )
            for length in LENGTHS
        ),
        footer=say(tongue, "steps.way"),
    )


def language_shown(about: About, note: str) -> Message:
    """In which language it shall be."""
    return Buttons(
        body=noted(note, say(about.language, "essay.language")),
        buttons=tongues(taps.Asked.WRITTEN_IN),
        footer=say(about.language, "steps.way"),
    )


def style_shown(about: About, note: str) -> Message:
    """How sources shall be cited, if at all."""
    tongue = about.language
    names = {briefs.Style.NONE: say(tongue, "essay.style.none"), **STYLES}
    return Choices(
        body=noted(note, say(tongue, "essay.style")),
        label=say(tongue, "essay.style.label"),
        rows=tuple(
            Row(taps.written(taps.Asked.STYLE, style), name)
            for style, name in names.items()
        ),
        footer=say(tongue, "steps.way"),
    )


def points_shown(about: About, note: str) -> Message:
    """What it shall cover; that may be left open."""
    tongue = about.language
    skip = taps.written(taps.Asked.POINTS, "")
    return Buttons(
        noted(note, say(tongue, "essay.points")),
        (
            Button(skip, say(tongue, "button.skip")),
            button(tongue, Intent.BACK),
            button(tongue, Intent.CANCEL),
        ),
    )


def confirm_shown(state: EssayConfirm, about: About, note: str) -> Message:
    """The price and what is left after it, and what an outline costs."""
    tongue, sealed = about.language, seal(state)
    body = say(
        tongue,
        "essay.confirm",
        topic=title(state.brief.topic),
        words=state.brief.words,
        tokens=state.tokens,
        usual=state.usual,
        left=about.available - state.tokens,
    )
    first = say(tongue, "essay.confirm.sketch", tokens=state.sketch)
    yes, sketch = (
        taps.written(asked, sealed)
        for asked in (taps.Asked.ESSAY_YES, taps.Asked.SKETCH)
    )
    return Buttons(
        body=noted(note, f"{body}\n\n{first}"),
        buttons=(
            Button(yes, say(tongue, "essay.confirm.yes")),
            Button(sketch, say(tongue, "button.sketch")),
            button(tongue, Intent.CANCEL),
        ),
        footer=say(tongue, "steps.way"),
    )


def topic_heard(text: str, state: EssayTopic) -> tuple[State, str]:
    """The next state, or the same and the key of what was wrong."""
    try:
        topic = check(text).strip()
    except Refusal:
        return state, "essay.topic.unclear"
    if len(topic) > LONGEST_TOPIC:
        return state, "essay.topic.long"
    return EssayLevel(brief=Brief(topic), conversation=state.conversation), ""


def length_heard(number: int | None, state: EssayLength) -> tuple[State, str]:
    """The next state, or the same and the key of what was wrong."""
    if number is None or not briefs.FEWEST_WORDS <= number <= LENGTHS[-1]:
        return state, "essay.length.unclear"
    return step(EssayLanguage, state, words=number), ""


def language_heard(language: Language, state: EssayLanguage) -> EssayStyle:
    """The next step."""
    brief = state.brief.written_in(language)
    return EssayStyle(brief=brief, conversation=state.conversation)


def points_heard(text: str, state: EssayPoints) -> tuple[State, str]:
    """The brief made whole, or the same state and the key of what was wrong."""
    found = () if words.skip(text) else points(text)
    if isinstance(found, Wrong):
        return state, found
    return step(EssayPricing, state, points=found), ""


def quoted(
    state: EssayPricing, price: Quoted, about: About
) -> tuple[State, tuple[Act, ...]]:
    """The price is shown; one that the balance cannot pay leads back to the length."""
    if price.tokens > about.available:
        note = say(
            about.language,
            "essay.too_dear",
            tokens=price.tokens,
            balance=max(about.available, 0),
        )
        return step(EssayLength, state), (Say(length_shown(about, note)),)
    if state.brief.outline:
        return outlining.priced(state, price, about)
    agreed = EssayConfirm(
        brief=attrs.evolve(state.brief, words=price.words),
        tokens=price.tokens,
        usual=price.usual,
        sketch=price.sketch,
        conversation=state.conversation,
    )
    return agreed, (Say(confirm_shown(agreed, about, "")),)
