"""Ordering an essay: topic, level, length, language, price, yes."""

from __future__ import annotations

import zlib
from typing import Final

import attrs

from zimgpt.domain.conversations import title
from zimgpt.domain.dialogue import taps
from zimgpt.domain.dialogue.acts import Act, AskEssay, Quote, Say
from zimgpt.domain.dialogue.facts import About, Quoted
from zimgpt.domain.dialogue.menus import button, noted, tongues
from zimgpt.domain.dialogue.states import (
    Brief,
    Chatting,
    EssayConfirm,
    EssayLanguage,
    EssayLength,
    EssayLevel,
    EssayPricing,
    EssayStyle,
    EssayTopic,
    Level,
    State,
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
_FOR: Final = {
    Level.O_LEVEL: briefs.Level.ZIMSEC_O,
    Level.A_LEVEL: briefs.Level.ZIMSEC_A,
    Level.CAMBRIDGE_O: briefs.Level.CAMBRIDGE_O,
    Level.CAMBRIDGE_A: briefs.Level.CAMBRIDGE_A,
    Level.UNIVERSITY: briefs.Level.UNIVERSITY,
    Level.GENERAL: briefs.Level.GENERAL,
}


def order(brief: Brief) -> briefs.Brief:
    """What was chosen, as every other channel orders it; the topic is the question."""
    return briefs.Brief(
        level=_FOR[brief.level],
        words=brief.words,
        language=brief.language,
        style=brief.style,
    )


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


def confirm_shown(state: EssayConfirm, about: About, note: str) -> Message:
    """The price and what is left after it."""
    tongue = about.language
    body = say(
        tongue,
        "essay.confirm",
        topic=title(state.topic),
        words=state.words,
        tokens=state.tokens,
        usual=state.usual,
        left=about.available - state.tokens,
    )
    return Buttons(
        body=noted(note, body),
        buttons=(
            Button(
                taps.written(taps.Asked.ESSAY_YES, seal(state)),
                say(tongue, "essay.confirm.yes"),
            ),
            button(tongue, Intent.BACK),
            button(tongue, Intent.CANCEL),
        ),
    )


def seal(state: EssayConfirm) -> str:
    """What ties a yes to the very order and price that it was shown under."""
    chosen = attrs.astuple(state.brief)
    order = (*chosen, state.tokens)
    return f"{zlib.crc32(repr(tuple(map(str, order))).encode('utf-8', 'replace')):08x}"


def topic_heard(text: str, state: EssayTopic) -> tuple[State, str]:
    """The next state, or the same and the key of what was wrong."""
    try:
        topic = check(text).strip()
    except Refusal:
        return state, "essay.topic.unclear"
    if len(topic) > LONGEST_TOPIC:
        return state, "essay.topic.long"
    return EssayLevel(topic=topic, conversation=state.conversation), ""


def level_heard(level: Level, state: EssayLevel) -> EssayLength:
    """The next step."""
    return EssayLength(topic=state.topic, level=level, conversation=state.conversation)


def length_heard(number: int | None, state: EssayLength) -> tuple[State, str]:
    """The next state, or the same and the key of what was wrong."""
    if number is None or not briefs.FEWEST_WORDS <= number <= LENGTHS[-1]:
        return state, "essay.length.unclear"
    return EssayLanguage(
        topic=state.topic,
        level=state.level,
        words=number,
        conversation=state.conversation,
    ), ""


def language_heard(language: Language, state: EssayLanguage) -> EssayStyle:
    """The next step."""
    return EssayStyle(
        topic=state.topic,
        level=state.level,
        words=state.words,
        language=language,
        conversation=state.conversation,
    )


def style_heard(style: briefs.Style, state: EssayStyle) -> EssayPricing:
    """The brief made whole."""
    return EssayPricing(
        topic=state.topic,
        level=state.level,
        words=state.words,
        language=state.language,
        style=style,
        conversation=state.conversation,
    )


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
        shorter = EssayLength(
            topic=state.topic, level=state.level, conversation=state.conversation
        )
        return shorter, (Say(length_shown(about, note)),)
    agreed = EssayConfirm(
        topic=state.topic,
        level=state.level,
        words=price.words,
        language=state.language,
        style=state.style,
        tokens=price.tokens,
        usual=price.usual,
        conversation=state.conversation,
    )
    return agreed, (Say(confirm_shown(agreed, about, "")),)


def agreed(state: EssayConfirm) -> tuple[State, tuple[Act, ...]]:
    """The essay is ordered, and the chat goes on as it was."""
    order = AskEssay(state.brief, state.tokens)
    return Chatting(conversation=state.conversation), (order,)


def priced(state: EssayPricing) -> tuple[State, tuple[Act, ...]]:
    """Ask for the price, again if it never came."""
    return state, (Quote(state.brief),)
