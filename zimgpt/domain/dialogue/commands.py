"""What each command does; the word and the button are the same here."""

from __future__ import annotations

from typing import Literal, TypeAlias, assert_never

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

_LookUp: TypeAlias = Literal[
    Intent.HELP, Intent.BALANCE, Intent.STATEMENT, Intent.PAID, Intent.LOCK
]


def obey(state: State, intent: Intent, about: About) -> tuple[State, tuple[Act, ...]]:
    """The command carried out. Looking something up leaves an order where it is."""
    kept = state.conversation
    match intent:
        case Intent.MENU | Intent.START:
            return _to(Menu(conversation=kept), about)
        case Intent.CANCEL:
            note = "steps.cancelled" if steps.midway(state) else ""
            return _to(Menu(conversation=kept), about, note)
        case Intent.BACK:
            return _to(steps.before(state), about)
        case Intent.ASK:
            return Chatting(conversation=kept), (Say(menus.ready(about)),)
        case Intent.NEW:
            begun = Text(say(about.language, "new.done"))
            return Chatting(), (NewConversation(), Say(begun))
        case Intent.ESSAY:
            return _to(EssayTopic(conversation=kept), about)
        case Intent.LANGUAGE:
            return _to(ChoosingLanguage(conversation=kept), about)
        case Intent.BUY | Intent.GIFT:
            first = BuyPackage if intent is Intent.BUY else BuyFor
            return _buying(first(conversation=kept), about)
        case Intent.FORGET:
            return _to(Forgetting(conversation=kept), about)
        case Intent.STOP:
            return Menu(conversation=kept), (OptOut(), Say(menus.goodbye(about)))
        case _:
            return state, (_looked_up(state, intent, about),)


def _looked_up(state: State, intent: _LookUp, about: About) -> Act:
    waiting = say(about.language, "steps.waiting") if steps.midway(state) else ""
    match intent:
        case Intent.HELP:
            return Say(menus.help_(about, waiting))
        case Intent.BALANCE:
            return Say(menus.balance(about, waiting))
        case Intent.STATEMENT:
            return ShowStatement()
        case Intent.PAID:
            return CheckPayment()
        case Intent.LOCK:
            return Lock()
        case _:
            assert_never(intent)


def _to(state: State, about: About, note: str = "") -> tuple[State, tuple[Act, ...]]:
    """What the state asks, under the text of this key."""
    above = say(about.language, note) if note else ""
    return state, (Say(steps.shown(state, about, above)),)


def _buying(first: State, about: About) -> tuple[State, tuple[Act, ...]]:
    """Without packages nothing is begun, so that the next words are a question."""
    if about.offers:
        return _to(first, about)
    after = Chatting(conversation=first.conversation)
    return after, (Say(menus.how_to_get_tokens(about)),)
