"""Questions as clients ask them, and answers as they are told of."""

from __future__ import annotations

from zimgpt.domain.answers import State, lowered_note, sentence
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.ids import known_shape
from zimgpt.domain.questions import Kind
from zimgpt.domain.texts import Language
from zimgpt.flows.asking import Accepted, Question
from zimgpt.flows.ports import End
from zimgpt.flows.subscriptions import Subscription
from zimgpt.wire import session as wire
from zimgpt.wire.essays import understood


def question_of(ask: wire.Ask) -> Question:
    """What is asked; raises NotFound for ids that cannot be anybody's."""
    talk, turn = ask.conversation, ask.replaces
    return Question(
        ask.id,
        Kind(ask.kind),
        ask.text,
        None if talk is None else ConversationId(known_shape(talk)),
        ask.max_tokens,
        None if ask.brief is None else understood(ask.brief),
        replaces=None if turn is None else AnswerId(known_shape(turn)),
    )


def accepted_frame(
    ask: wire.Ask, accepted: Accepted, subscription: Subscription, language: Language
) -> wire.Accepted:
    """What its asker is told of a committed question."""
    return wire.Accepted(
        id=ask.id,
        answer=accepted.answer,
        a=subscription.tag,
        e=subscription.epoch,
        conversation=accepted.conversation,
        max_tokens=accepted.max_tokens,
        hold=accepted.hold,
        balance=accepted.available,
        note=lowered_note(accepted.max_tokens, language) if accepted.lowered else None,
    )


def ended_frame(tag: int, end: End, language: Language) -> wire.Done | wire.Failed:
    """What readers are told of an answer's end."""
    note = sentence(end.state, end.finish, language)
    if end.state in (State.FAILED, State.REFUSED):
        return wire.Failed(tag, end.finish, note or "", end.hold, end.available)
    return wire.Done(
        a=tag,
        cost=end.cost,
        balance=end.available,
        finish=end.finish,
        note=note,
        words=end.words,
        memory=end.memory,
    )
