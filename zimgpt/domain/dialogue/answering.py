"""Answers to the step under way; where nothing is under way, words are a question."""

from __future__ import annotations

from typing import TypeAlias, assert_never

import attrs

from zimgpt.domain.dialogue import buying, essays, orders, outlining, steps, words
from zimgpt.domain.dialogue.acts import (
    Act,
    Ask,
    Forget,
    Read,
    Say,
    SetLanguage,
    TakeOutline,
    ToldUnclear,
)
from zimgpt.domain.dialogue.facts import About
from zimgpt.domain.dialogue.menus import menu
from zimgpt.domain.dialogue.states import (
    BuyConfirm,
    BuyFor,
    Buying,
    BuyMethod,
    BuyNumber,
    BuyPackage,
    Chatting,
    ChoosingLanguage,
    Essay,
    EssayConfirm,
    EssayLanguage,
    EssayLength,
    EssayLevel,
    EssayOutlined,
    EssayOutlining,
    EssayPoints,
    EssayPricing,
    EssayStyle,
    EssayTopic,
    Forgetting,
    Level,
    Menu,
    State,
    step,
)
from zimgpt.domain.dialogue.taps import Asked, Tap
from zimgpt.domain.essays.briefs import Style
from zimgpt.domain.heard import MediaKind, Said, Sent, Unclear
from zimgpt.domain.messages import Text
from zimgpt.domain.texts import Language, say

Next: TypeAlias = tuple[State, tuple[Act, ...]]
Answer: TypeAlias = Tap | Said | Sent | Unclear
"""What was heard, a tap already looked up."""


def answer(state: State, heard: Answer, about: About) -> Next:
    """What was said or tapped, taken as the answer to what was asked last."""
    match heard:
        case Unclear():
            return _unclear(state, about)
        case Sent():
            return _file(state, heard, about)
        case Tap() if heard.asked is Asked.TONGUE:
            return _language(state, _as_language(heard.value), about)
    match state:
        case Menu() | Chatting():
            return _question(state, heard, about)
        case ChoosingLanguage():
            return _language(state, _named(heard), about)
        case Forgetting():
            return _forgetting(state, heard, about)
        case BuyFor() | BuyPackage() | BuyNumber() | BuyMethod() | BuyConfirm():
            return _buying(state, heard, about)
        case _:
            return _essay(state, heard, about)


def stale(state: State, about: About) -> Next:
    """A button of long ago: say so, and show what can be done now."""
    return _again(state, "steps.stale", about)


def _again(state: State, key: str, about: About) -> Next:
    return state, (Say(steps.shown(state, about, say(about.language, key))),)


def _on(step: tuple[State, str], about: About) -> Next:
    """The next step's message, or the same one's with what was wrong above it."""
    state, wrong = step
    note = say(about.language, wrong) if wrong else ""
    return state, (Say(steps.shown(state, about, note)),)


def _unclear(state: State, about: About) -> Next:
    if about.told_unclear:
        return state, ()
    told = Text(say(about.language, "unclear"))
    return state, (Say(told), ToldUnclear())


def _file(state: State, sent: Sent, about: About) -> Next:
    """Files are read where words are wanted: for a question, and a spoken topic."""
    match state:
        case Menu() | Chatting():
            return Chatting(conversation=state.conversation), (Read(sent),)
        case EssayTopic() | EssayPoints() if sent.kind is MediaKind.VOICE:
            return state, (Read(sent),)
        case _:
            return _again(state, "steps.unclear", about)


def _question(state: Menu | Chatting, heard: Tap | Said, about: About) -> Next:
    if isinstance(heard, Tap):
        return stale(state, about)
    language = words.language(heard.text)
    if language is not None and heard.own:
        return _language(state, language, about)
    asked = Ask(heard.text, state.conversation)
    return Chatting(conversation=state.conversation), (asked,)


def _language(state: State, language: Language | None, about: About) -> Next:
    if language is None:
        return _again(state, "steps.unclear", about)
    spoken = attrs.evolve(about, language=language)
    note = say(language, "language.done")
    if isinstance(state, Menu | Chatting | ChoosingLanguage):
        state = Menu(conversation=state.conversation)
        shown = menu(spoken, note)
        return state, (SetLanguage(language), Say(shown))
    again = steps.shown(state, spoken, note)
    return state, (SetLanguage(language), Say(again))


def _forgetting(state: Forgetting, heard: Tap | Said, about: About) -> Next:
    if _agrees(heard, Asked.FORGET_YES, ""):
        done = Text(say(about.language, "forget.done"))
        return Chatting(), (Forget(), Say(done))
    return _declined(state, heard, about)


def _buying(state: Buying, heard: Tap | Said, about: About) -> Next:
    if isinstance(state, BuyConfirm):
        return _bought(state, heard, about)
    if isinstance(heard, Said):
        step = buying.said(state, heard.text, about)
    else:
        step = buying.tapped(state, heard, about)
    return _mismatched(state, heard, about) if step is None else _on(step, about)


def _bought(state: BuyConfirm, heard: Tap | Said, about: About) -> Next:
    wanted = buying.offer(about, state.package)
    if wanted is None:
        again = BuyPackage(gift=state.gift, conversation=state.conversation)
        return _again(again, "buy.package.gone", about)
    if heard == buying.OTHER_WAY:
        return _on((buying.other_way(state), ""), about)
    if _agrees(heard, Asked.BUY_YES, buying.seal(state, wanted)):
        return buying.agreed(state, wanted)
    return _declined(state, heard, about)


def _essay(state: Essay, heard: Tap | Said, about: About) -> Next:
    match state:
        case EssayPoints() | EssayPricing() | EssayConfirm():
            return _ordered(state, heard, about)
        case EssayOutlining() | EssayOutlined():
            return _outlined(state, heard, about)
        case EssayTopic():
            if isinstance(heard, Tap):
                return stale(state, about)
            return _on(essays.topic_heard(heard.text, state), about)
        case EssayLength():
            if isinstance(heard, Tap) and heard.asked is not Asked.LENGTH:
                return stale(state, about)
            typed = heard.value if isinstance(heard, Tap) else heard.text
            return _on(essays.length_heard(words.number(typed), state), about)
        case _:
            chosen = _chosen(state, heard)
            if chosen is None:
                return _mismatched(state, heard, about)
            return _on((chosen, ""), about)


def _chosen(
    state: EssayLevel | EssayLanguage | EssayStyle, heard: Tap | Said
) -> State | None:
    """The step after one of a list was chosen; None if none was."""
    match state:
        case EssayLevel():
            level = _level(heard)
            return None if level is None else step(EssayLength, state, level=level)
        case EssayLanguage():
            language = _named(heard)
            return None if language is None else essays.language_heard(language, state)
        case EssayStyle():
            style = _style(heard)
            return None if style is None else step(EssayPoints, state, style=style)
        case _:
            assert_never(state)


def _ordered(
    state: EssayPoints | EssayPricing | EssayConfirm, heard: Tap | Said, about: About
) -> Next:
    match state:
        case EssayPoints():
            return _points(state, heard, about)
        case EssayPricing():
            return orders.priced(state)
        case EssayConfirm():
            seal = orders.seal(state)
            if _agrees(heard, Asked.ESSAY_YES, seal):
                return orders.agreed(state)
            if heard == Tap(Asked.SKETCH, seal) or (
                isinstance(heard, Said) and words.sketch(heard.text)
            ):
                return orders.sketched(state)
            return _declined(state, heard, about)
        case _:
            assert_never(state)


def _points(state: EssayPoints, heard: Tap | Said, about: About) -> Next:
    if isinstance(heard, Tap) and heard.asked is not Asked.POINTS:
        return stale(state, about)
    text = heard.text if isinstance(heard, Said) else "skip"
    after, wrong = essays.points_heard(text, state)
    if isinstance(after, EssayPricing):
        return outlining.whole(after)
    return _on((after, wrong), about)


def _outlined(
    state: EssayOutlining | EssayOutlined, heard: Tap | Said, about: About
) -> Next:
    if isinstance(state, EssayOutlined):
        if isinstance(heard, Said):
            return outlining.heard(state, heard.text, about)
        if heard == Tap(Asked.ESSAY_YES, orders.seal(state)):
            return orders.agreed(state)
    elif isinstance(heard, Said):
        return state, (TakeOutline(state.answer, heard.text),)
    return stale(state, about)


def _agrees(heard: Tap | Said, asked: Asked, seal: str) -> bool:
    """A yes to just this; the button of an earlier order is none."""
    if isinstance(heard, Tap):
        return heard == Tap(asked, seal)
    return words.yes(heard.text)


def _declined(state: State, heard: Tap | Said, about: About) -> Next:
    if isinstance(heard, Said) and words.no(heard.text):
        left = Menu(conversation=state.conversation)
        return _again(left, "steps.cancelled", about)
    return _mismatched(state, heard, about)


def _mismatched(state: State, heard: Tap | Said, about: About) -> Next:
    key = "steps.stale" if isinstance(heard, Tap) else "steps.unclear"
    return _again(state, key, about)


def _level(heard: Tap | Said) -> Level | None:
    if isinstance(heard, Said):
        return words.level(heard.text)
    known = heard.asked is Asked.LEVEL and heard.value in set(Level)
    return Level(heard.value) if known else None


def _style(heard: Tap | Said) -> Style | None:
    if isinstance(heard, Said):
        return words.style(heard.text)
    known = heard.asked is Asked.STYLE and heard.value in set(Style)
    return Style(heard.value) if known else None


def _named(heard: Tap | Said) -> Language | None:
    if isinstance(heard, Said):
        return words.language(heard.text)
    return _as_language(heard.value) if heard.asked is Asked.WRITTEN_IN else None


def _as_language(value: str) -> Language | None:
    return Language(value) if value in set(Language) else None
