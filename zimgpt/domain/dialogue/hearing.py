"""The dialogue itself: a state and what is heard give the next state and acts.

What a message means is settled in this order: news from our own house, a one-time
phrase, silence for whoever opted out, a command in words or by button, an answer to the
step under way, and last a question. So commands work everywhere, and no question is
ever made, and paid for, of words that were an answer.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue import (
    answering,
    codes,
    essays,
    outlining,
    phrases,
    taps,
    words,
)
from zimgpt.domain.dialogue.acts import (
    Act,
    Lock,
    OptIn,
    ProvePhone,
    Say,
    SendMonth,
    SendPdf,
    SendWord,
    TakeOutline,
    ToldOfWeb,
    Welcomed,
)
from zimgpt.domain.dialogue.commands import obey
from zimgpt.domain.dialogue.facts import (
    About,
    Began,
    Event,
    Outlined,
    Quoted,
    Sketching,
)
from zimgpt.domain.dialogue.menus import menu
from zimgpt.domain.dialogue.states import (
    Chatting,
    EssayPricing,
    Menu,
    State,
)
from zimgpt.domain.dialogue.steps import numbered
from zimgpt.domain.dialogue.taps import Asked, Tap
from zimgpt.domain.dialogue.words import Intent
from zimgpt.domain.heard import Chose, Heard, Said
from zimgpt.domain.messages import Choices, Text
from zimgpt.domain.texts import say

Next: TypeAlias = tuple[State, tuple[Act, ...]]


def hear(state: State, heard: Event, about: About) -> Next:
    """Where the dialogue stands now, and what is to be done."""
    match heard:
        case Began():
            return _began(state, heard), ()
        case Quoted():
            if isinstance(state, EssayPricing) and not about.opted_out:
                return essays.quoted(state, heard, about)
            return state, ()
        case Sketching():
            return outlining.began(state, heard), ()
        case Outlined():
            return (
                (state, ())
                if about.opted_out
                else outlining.outlined(state, heard, about)
            )
        case _:
            return _person(state, heard, about)


def _began(state: State, began: Began) -> State:
    kept = attrs.evolve(state, conversation=began.conversation)
    if isinstance(kept, Menu):
        return Chatting(conversation=kept.conversation)
    return kept


def _person(state: State, heard: Heard, about: About) -> Next:
    phrase = _phrase(heard)
    if phrase is not None:
        return _greeted(about, (state, (ProvePhone(phrase),)))
    meaning = _meaning(state, heard, about)
    if about.opted_out and meaning is not Intent.LOCK:
        return _returned(state, about) if meaning is Intent.START else (state, ())
    money = codes.code(heard, about) or codes.button(meaning)
    if money is not None:
        return _greeted(about, (state, (money,)))
    if isinstance(meaning, Intent):
        step = obey(state, meaning, about)
        return step if meaning is Intent.STOP else _greeted(about, step)
    looked_up = _looked_up(meaning)
    if looked_up is not None:
        return _greeted(about, (state, (looked_up,)))
    if meaning is None:
        return _greeted(about, answering.stale(state, about))
    return _greeted(about, answering.answer(state, meaning, about))


def _looked_up(meaning: object) -> Act | None:
    """What a button under something of long ago is to bring, wherever we stand now."""
    match meaning:
        case Tap(Asked.WORD, answer):
            return SendWord(answer)
        case Tap(Asked.PDF, answer):
            return SendPdf(answer)
        case Tap(Asked.OUTLINE, answer):
            return TakeOutline(AnswerId(answer))
        case Tap(Asked.MONTH, month):
            return SendMonth(month)
        case _:
            return None


def _phrase(heard: Heard) -> str | None:
    """A one-time phrase, if they typed one: in a picture of somebody else's it would
    let that person in."""
    if isinstance(heard, Said) and heard.source is None:
        return phrases.phrase(heard.text)
    return None


def _meaning(
    state: State, heard: Heard, about: About
) -> Intent | answering.Answer | None:
    """A command, an answer by button, or what was heard as it is; None for a button
    that is no longer, or never was, ours."""
    match heard:
        case Chose():
            return taps.read(heard.id)
        case Said() if heard.own:
            command = words.intent(heard.text)
            if command is not None:
                return command
            month = words.month(heard.text)
            if month is not None:
                return Tap(Asked.MONTH, month)
            picked = words.pick(heard.text)
            ids = () if picked is None else numbered(state, about)
            if picked is not None and 1 <= picked <= len(ids):
                return taps.read(ids[picked - 1])
            return heard
        case _:
            return heard


def _returned(state: State, about: About) -> Next:
    message = menu(about, say(about.language, "start.done"))
    kept = Menu(conversation=state.conversation)
    return _greeted(about, (kept, (OptIn(), Say(message))))


def _greeted(about: About, step: Next) -> Next:
    """What must be said once, with what is said."""
    return _told_of_web(about, _welcomed(about, step))


def _told_of_web(about: About, step: Next) -> Next:
    """Whoever registered this number on the web shares the account, and proved nothing
    by that."""
    state, acts = step
    if not about.web_untold or (about.opted_out and OptIn() not in acts):
        return step
    told = () if Lock() in acts else (Say(Text(say(about.language, "web.known"))),)
    return state, (*acts, *told, ToldOfWeb())


def _welcomed(about: About, step: Next) -> Next:
    """The sentence about consent and privacy, once, before anything else is said."""
    state, acts = step
    if about.welcomed or (about.opted_out and OptIn() not in acts):
        return step
    welcome = say(about.language, "welcome", tokens=max(about.available, 0))
    for place, act in enumerate(acts):
        if isinstance(act, Say) and isinstance(act.message, Choices):
            body = f"{welcome}\n\n{act.message.body}"
            both = Say(attrs.evolve(act.message, body=body))
            return state, (*acts[:place], both, *acts[place + 1 :], Welcomed())
    return state, (Say(Text(welcome)), *acts, Welcomed())
