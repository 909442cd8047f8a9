"""What each command does; the word and the button are the same here."""

from __future__ import annotations

from typing import assert_never

from zimgpt.domain.dialogue import menus, steps
from zimgpt.domain.dialogue.acts import (
    Act,
    CheckPayment,
    Lock,
    NewConversation,
    OptOut,
    Say,
    ShowStatement,
)
from zimgpt.domain.dialogue.facts import About
from zimgpt.domain.dialogue.states import (
    BuyFor,
    BuyPackage,
    Chatting,
    ChoosingLanguage,
    EssayTopic,
    Forgetting,
    Menu,
    State,
)
from zimgpt.domain.dialogue.words import Intent
from zimgpt.domain.messages import Text
from zimgpt.domain.texts import say


def obey(state: State, intent: Intent, about: About) -> tuple[State, tuple[Act, ...]]:
    """The command carried out. Looking something up leaves an order where it is."""
    kept = state.conversation
    waiting = say(about.language, "steps.waiting") if steps.midway(state) else ""
    match intent:
        case Intent.MENU | Intent.START:
            return _to(Menu(conversation=kept), about)
        case Intent.CANCEL:
            note = say(about.language, "steps.cancelled") if waiting else ""
            return _to(Menu(conversation=kept), about, note)
        case Intent.BACK:
            return _to(steps.before(state), about)
        case Intent.HELP:
            return state, (Say(menus.help_(about, waiting)),)
        case Intent.BALANCE:
            return state, (Say(menus.balance(about, waiting)),)
        case Intent.STATEMENT:
            return state, (ShowStatement(),)
        case Intent.ASK:
            return Chatting(conversation=kept), (Say(menus.ready(about)),)
        case Intent.NEW:
            begun = Text(say(about.language, "new.done"))
            return Chatting(), (NewConversation(), Say(begun))
        case Intent.ESSAY:
            return _to(EssayTopic(conversation=kept), about)
        case Intent.LANGUAGE:
            return _to(ChoosingLanguage(conversation=kept), about)
        case Intent.BUY:
            return _buying(BuyPackage(conversation=kept), about)
        case Intent.GIFT:
            return _buying(BuyFor(conversation=kept), about)
        case Intent.PAID:
            return state, (CheckPayment(),)
        case Intent.FORGET:
            return _to(Forgetting(conversation=kept), about)
        case Intent.LOCK:
            return state, (Lock(),)
        case Intent.STOP:
            return Menu(conversation=kept), (OptOut(), Say(menus.goodbye(about)))
        case _:
            assert_never(intent)


def _to(state: State, about: About, note: str = "") -> tuple[State, tuple[Act, ...]]:
    return state, (Say(steps.shown(state, about, note)),)


def _buying(first: State, about: About) -> tuple[State, tuple[Act, ...]]:
    """Without packages nothing is begun, so that the next words are a question."""
    if about.offers:
        return _to(first, about)
    after = Chatting(conversation=first.conversation)
    return after, (Say(menus.how_to_get_tokens(about)),)
