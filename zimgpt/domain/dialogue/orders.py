"""An essay as it is ordered: as every channel orders it, and agreed to at its price."""

from __future__ import annotations

import zlib
from typing import Final

import attrs

from zimgpt.domain.conversations import ConversationId
from zimgpt.domain.dialogue.acts import Act, AskEssay, AskOutline, Quote
from zimgpt.domain.dialogue.states import (
    Brief,
    Chatting,
    EssayConfirm,
    EssayOutlined,
    EssayPricing,
    Level,
    State,
)
from zimgpt.domain.essays import briefs
from zimgpt.domain.essays.briefs import Step

_FOR: Final = {
    Level.O_LEVEL: briefs.Level.ZIMSEC_O,
    Level.A_LEVEL: briefs.Level.ZIMSEC_A,
    Level.CAMBRIDGE_O: briefs.Level.CAMBRIDGE_O,
    Level.CAMBRIDGE_A: briefs.Level.CAMBRIDGE_A,
    Level.UNIVERSITY: briefs.Level.UNIVERSITY,
    Level.GENERAL: briefs.Level.GENERAL,
}
_OF: Final = {theirs: ours for ours, theirs in _FOR.items()}


def order(brief: Brief, step: Step = Step.ESSAY) -> briefs.Brief:
    """What was chosen, as every other channel orders it; the topic is the question."""
    return briefs.Brief(
        level=_FOR[brief.level],
        words=brief.words,
        language=brief.language,
        style=brief.style,
        points=brief.points,
        outline=brief.outline,
        step=step,
    )


def brief_of(
    topic: str, ordered: briefs.Brief, beside: ConversationId | None = None
) -> Brief:
    """The same back again, from whatever channel and conversation."""
    return Brief(
        topic=topic,
        level=_OF[ordered.level],
        words=ordered.words,
        language=ordered.language,
        style=ordered.style,
        points=ordered.points,
        outline=ordered.outline,
        beside=beside,
    )


def seal(state: EssayConfirm | EssayOutlined) -> str:
    """What ties a yes to the very order and price that it was shown under."""
    order = (*attrs.astuple(state.brief), state.tokens)
    return f"{zlib.crc32(repr(tuple(map(str, order))).encode('utf-8', 'replace')):08x}"


def agreed(state: EssayConfirm | EssayOutlined) -> tuple[State, tuple[Act, ...]]:
    """The essay is ordered, and the chat goes on as it was."""
    order = AskEssay(state.brief, state.tokens)
    return Chatting(conversation=state.conversation), (order,)


def sketched(state: EssayConfirm) -> tuple[State, tuple[Act, ...]]:
    """An outline is ordered; where the dialogue stands changes when it is accepted."""
    return state, (AskOutline(state.brief),)


def priced(state: EssayPricing) -> tuple[State, tuple[Act, ...]]:
    """Ask for the price, again if it never came."""
    return state, (Quote(state.brief),)
