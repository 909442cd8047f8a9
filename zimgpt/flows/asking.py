"""A question on its way in: priced, held and committed before it is acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import lowered_note
from zimgpt.domain.conversations import AnswerId, ConversationId, title, window
from zimgpt.domain.errors import BadRequest, NotFound, Unavailable
from zimgpt.domain.ledger import InsufficientTokens, NoPrice, Tokens, dearest, terms
from zimgpt.domain.questions import (
    LEAST_ANSWER,
    MOST_ANSWER,
    Kind,
    QuestionDiffers,
    check,
    prompt,
    size,
)
from zimgpt.flows.ports import (
    Asked,
    NewId,
    NewQuestion,
    Prospect,
    Questions,
    Ticket,
)

RACES = 100
"""Times that a wallet may change between its reading and the hold."""

LONGEST_ID = 64


@attrs.frozen
class Question:
    """What a client asks, before anything is known about it."""

    client_id: str
    kind: Kind
    text: str
    conversation: ConversationId | None = None
    max_tokens: int | None = None


@attrs.frozen
class Accepted:
    """A committed question; repeating the same id gives the same again."""

    answer: AnswerId
    conversation: ConversationId
    max_tokens: int
    hold: Tokens
    available: Tokens
    note: str | None
    fresh: bool
    """False for a repeat: its answer may have been written in part or whole."""


@attrs.frozen
class Asking:
    """Takes questions for the models named, dearest price first held."""

    _questions: Questions
    _models: Sequence[str]
    _window: int
    """Model tokens of earlier turns that a chat remembers, at most."""
    _node: str
    _new_id: NewId
    _publish: Callable[[Ticket], None]

    async def ask(self, user: UserId, question: Question, channel: str) -> Accepted:
        """Commits the question; raises a Refusal that changed nothing otherwise."""
        _check_shape(question)
        for _ in range(RACES):
            prospect = await self._questions.prospect(
                user, question.conversation, self._models
            )
            new = self._priced(user, question, channel, prospect)
            asked = await self._questions.ask(new)
            if asked.outcome != "insufficient":
                return self._answered(asked)
        raise Unavailable("Your wallet is busy with other questions. Please try again.")

    def _priced(
        self, user: UserId, question: Question, channel: str, prospect: Prospect
    ) -> NewQuestion:
        if len(prospect.prices) < len(set(self._models)):
            raise NoPrice
        remembered = window(prospect.turns, self._window)
        estimate = size(prompt(question.kind, question.text, remembered))
        most = MOST_ANSWER[question.kind]
        agreed = terms(
            dearest(prospect.prices),
            prospect.available,
            prompt=estimate,
            wanted=min(question.max_tokens or most, most),
            least=LEAST_ANSWER,
        )
        return NewQuestion(
            user=user,
            client_id=question.client_id,
            kind=question.kind,
            channel=channel,
            text=question.text,
            conversation=question.conversation,
            new_conversation=ConversationId(self._new_id()),
            title=title(question.text),
            answer=AnswerId(self._new_id()),
            job=self._new_id(),
            origin=self._node,
            prompt_estimate=estimate,
            terms=agreed,
            window_from=remembered[0].answer if remembered else None,
            prices=prospect.prices,
        )

    def _answered(self, asked: Asked) -> Accepted:
        if asked.outcome == "unknown_conversation":
            raise NotFound("There is no such conversation.")
        if asked.outcome == "differs":
            raise QuestionDiffers
        if asked.job is not None:
            self._publish(Ticket(asked.job, self._node, asked.outbox))
        return Accepted(
            answer=asked.answer,
            conversation=asked.conversation,
            max_tokens=asked.max_tokens,
            hold=asked.hold,
            available=asked.available,
            note=lowered_note(asked.max_tokens) if asked.lowered else None,
            fresh=asked.outcome == "accepted",
        )


def _check_shape(question: Question) -> None:
    check(question.text)
    if not 1 <= len(question.client_id) <= LONGEST_ID:
        raise BadRequest("A question's id has 1 to 64 characters.")
    if question.max_tokens is not None and question.max_tokens < 1:
        raise BadRequest("max_tokens is at least 1.")
    if question.kind is Kind.ESSAY and question.conversation is not None:
        raise BadRequest("An essay stands alone: leave out its conversation.")


__all__ = ["Accepted", "Asking", "InsufficientTokens", "Question"]
