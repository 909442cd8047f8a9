"""Every state's message, and the state before it."""

from __future__ import annotations

from typing import assert_never

from zimgpt.domain.dialogue import buying, essays, menus, outlining, taps
from zimgpt.domain.dialogue.facts import About
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
    Menu,
    State,
    step,
)
from zimgpt.domain.dialogue.words import Intent
from zimgpt.domain.messages import Button, Buttons, Choices, Message
from zimgpt.domain.texts import say


def shown(state: State, about: About, note: str = "") -> Message:
    """What this state asks of the person, under a note."""
    match state:
        case Menu() | Chatting():
            return menus.menu(about, note)
        case ChoosingLanguage():
            return menus.languages(about, note)
        case Forgetting():
            return _forgetting(about, note)
        case BuyFor() | BuyPackage() | BuyNumber() | BuyMethod() | BuyConfirm():
            return _buying(state, about, note)
        case _:
            return _essay(state, about, note)


def _essay(state: Essay, about: About, note: str) -> Message:
    match state:
        case EssayTopic():
            return essays.topic_shown(about, note)
        case EssayLevel():
            return essays.level_shown(about, note)
        case EssayLength():
            return essays.length_shown(about, note)
        case EssayLanguage():
            return essays.language_shown(about, note)
        case EssayStyle():
            return essays.style_shown(about, note)
        case EssayPoints() | EssayPricing():
            return essays.points_shown(about, note)
        case EssayConfirm():
            return essays.confirm_shown(state, about, note)
        case EssayOutlining():
            return outlining.offered(about.language, state.answer, note)
        case EssayOutlined():
            return outlining.confirm_shown(state, about, note)
        case _:
            assert_never(state)


def _buying(state: Buying, about: About, note: str) -> Message:
    match state:
        case BuyFor():
            return buying.gift_shown(about, note)
        case BuyPackage():
            return buying.packages_shown(state, about, note)
        case BuyNumber():
            return buying.number_shown(state, about, note)
        case BuyMethod():
            return buying.methods_shown(about, note)
        case BuyConfirm():
            return buying.confirm_shown(state, about, note)
        case _:
            assert_never(state)


def _forgetting(about: About, note: str) -> Message:
    tongue = about.language
    yes = Button(taps.written(taps.Asked.FORGET_YES, ""), say(tongue, "forget.yes"))
    return Buttons(
        menus.noted(note, say(tongue, "forget.body")),
        (yes, menus.button(tongue, Intent.CANCEL)),
    )


def numbered(state: State, about: About) -> tuple[str, ...]:
    """Ids of what can be picked by typing its number; none where words are awaited, or
    where numbers mean something else."""
    match state:
        case Chatting() | EssayTopic() | BuyFor() | BuyNumber() | EssayPricing():
            return ()
        case EssayPoints() | EssayOutlining() | EssayOutlined():
            return ()
        case _:
            message = shown(state, about)
    match message:
        case Choices():
            return tuple(row.id for row in message.rows)
        case Buttons():
            return tuple(button.id for button in message.buttons)
        case _:
            return ()


def before(state: State) -> State:
    """The step that BACK leads to."""
    kept = state.conversation
    match state:
        case EssayLevel():
            return EssayTopic(conversation=kept)
        case EssayLength():
            return step(EssayLevel, state)
        case EssayLanguage():
            return step(EssayLength, state)
        case EssayStyle():
            return step(EssayLanguage, state)
        case EssayPoints():
            return step(EssayStyle, state)
        case EssayPricing() | EssayConfirm() | EssayOutlining() | EssayOutlined():
            return step(EssayPoints, state)
        case BuyPackage(gift=str()):
            return BuyFor(conversation=kept)
        case BuyNumber():
            return BuyPackage(gift=state.gift, conversation=kept)
        case BuyMethod() | BuyConfirm():
            return BuyNumber(package=state.package, gift=state.gift, conversation=kept)
        case _:
            return Menu(conversation=kept)


def midway(state: State) -> bool:
    """Whether an order is begun that waits for an answer."""
    return not isinstance(state, Menu | Chatting)
