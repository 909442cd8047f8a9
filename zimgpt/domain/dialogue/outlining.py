"""An outline in the chat: shown, taken or changed, and the essay that follows it."""

from __future__ import annotations

from typing import Final, TypeAlias

import attrs

from zimgpt.domain.chat_format.graphemes import units
from zimgpt.domain.conversations import AnswerId, ConversationId, title
from zimgpt.domain.dialogue import menus, orders, taps, words
from zimgpt.domain.dialogue.acts import Act, Say
from zimgpt.domain.dialogue.editing import Wrong, edited
from zimgpt.domain.dialogue.facts import About, Outlined, Quoted, Sketching, Standing
from zimgpt.domain.dialogue.states import (
    Brief,
    EssayConfirm,
    EssayOutlined,
    EssayOutlining,
    EssayPricing,
    Menu,
    State,
)
from zimgpt.domain.dialogue.taps import Asked
from zimgpt.domain.dialogue.words import Intent
from zimgpt.domain.essays.briefs import Section
from zimgpt.domain.messages import Button, Buttons, Message, Text
from zimgpt.domain.texts import Language, say

Next: TypeAlias = tuple[State, tuple[Act, ...]]

ROOM: Final = 3_500
"""UTF-16 units of an outline with its points; a longer one is shown without them."""


# ---- what is shown


def written(outline: tuple[Section, ...]) -> str:
    """Its sections by number, with their points below them."""
    whole = "\n".join(
        "\n".join((_headed(at, one), *(f"• {point}" for point in one.points)))
        for at, one in enumerate(outline, start=1)
    )
    if units(whole) <= ROOM:
        return whole
    return "\n".join(_headed(at, one) for at, one in enumerate(outline, start=1))


def _headed(at: int, section: Section) -> str:
    return f"*{at}. {section.heading}*"


def offered(language: Language, answer: AnswerId, note: str = "") -> Message:
    """How an outline is taken and changed; the button works at any time."""
    take = taps.written(Asked.OUTLINE, answer)
    return Buttons(
        menus.noted(note, say(language, "outline.rules")),
        (
            Button(take, say(language, "button.outline")),
            menus.button(language, Intent.CANCEL),
        ),
    )


def failed(language: Language, answer: AnswerId, note: str) -> Message:
    """That there is no outline, and the way on without it."""
    on = taps.written(Asked.OUTLINE, answer)
    return Buttons(
        menus.noted(note, say(language, "outline.failed")),
        (
            Button(on, say(language, "button.price")),
            menus.button(language, Intent.CANCEL),
        ),
    )


def confirm_shown(state: EssayOutlined, about: About, note: str) -> Message:
    """The price of the essay by the outline above it."""
    tongue = about.language
    body = say(
        tongue,
        "essay.confirm",
        topic=title(state.brief.topic),
        words=state.brief.words,
        tokens=state.tokens,
        usual=state.usual,
        left=about.available - state.tokens,
    )
    yes = taps.written(Asked.ESSAY_YES, orders.seal(state))
    return Buttons(
        menus.noted(note, f"{body}\n\n{say(tongue, 'outline.confirm')}"),
        (
            Button(yes, say(tongue, "essay.confirm.yes")),
            menus.button(tongue, Intent.CANCEL),
        ),
    )


# ---- what is heard


def began(state: State, sketching: Sketching) -> State:
    """It is being written; whoever ordered it can say something to it."""
    if not isinstance(state, EssayConfirm):
        return state
    return EssayOutlining(
        brief=state.brief, answer=sketching.answer, conversation=state.conversation
    )


def outlined(state: State, found: Outlined, about: About) -> Next:
    """What was found of an outline that was taken, or written to."""
    language = about.language
    if found.standing is Standing.UNDER_WAY:
        return state, (Say(Text(say(language, "outline.under_way"))),)
    if found.brief is None:
        return state, (Say(menus.menu(about, say(language, "steps.stale"))),)
    if found.standing is not Standing.THERE:
        return _priced(found.brief, state.conversation)
    said = found.said
    if said is None or words.yes(said):
        return _priced(found.brief, state.conversation)
    if words.no(said):
        return left(state, about)
    changed = edited(found.brief.outline, said)
    if isinstance(changed, Wrong):
        note = say(language, changed)
        return state, (Say(offered(language, found.answer, note)),)
    return _changed(found.brief, changed, state.conversation)


def heard(state: EssayOutlined, text: str, about: About) -> Next:
    """A yes, a no, or the outline as it shall be."""
    if words.yes(text):
        return orders.agreed(state)
    if words.no(text):
        return left(state, about)
    changed = edited(state.brief.outline, text)
    if isinstance(changed, Wrong):
        note = say(about.language, changed)
        return state, (Say(confirm_shown(state, about, note)),)
    return _changed(state.brief, changed, state.conversation)


def left(state: State, about: About) -> Next:
    """They want none of it."""
    kept = Menu(conversation=state.conversation)
    return kept, (Say(menus.menu(about, say(about.language, "steps.cancelled"))),)


def priced(state: EssayPricing, price: Quoted, about: About) -> Next:
    """What the essay by this outline costs."""
    agreed = EssayOutlined(
        brief=attrs.evolve(state.brief, words=price.words),
        tokens=price.tokens,
        usual=price.usual,
        conversation=state.conversation,
    )
    return agreed, (Say(confirm_shown(agreed, about, "")),)


def whole(state: EssayPricing) -> Next:
    """Its price is asked for, under the outline that it follows, if there is one."""
    after, acts = orders.priced(state)
    if not state.brief.outline:
        return after, acts
    return after, (Say(Text(written(state.brief.outline))), *acts)


def _changed(
    brief: Brief, outline: tuple[Section, ...], kept: ConversationId | None
) -> Next:
    """The new outline is shown, and then its price."""
    changed = attrs.evolve(brief, outline=outline)
    return whole(EssayPricing(brief=changed, conversation=kept))


def _priced(brief: Brief, kept: ConversationId | None) -> Next:
    return orders.priced(EssayPricing(brief=brief, conversation=kept))
