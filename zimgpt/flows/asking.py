"""A question on its way in: priced, held and committed before it is acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import lowered_note
from zimgpt.domain.conversations import AnswerId, ConversationId, title, window
from zimgpt.domain.errors import BadRequest, NotFound, Refusal, Unavailable
from zimgpt.domain.essays.briefs import Brief
from zimgpt.domain.ledger import NoPrice, Price, Terms, Tokens, dearest, terms
from zimgpt.domain.questions import (
    LEAST_ANSWER,
    MOST_ANSWER,
    Kind,
    QuestionDiffers,
    check,
    prompt,
    size,
)
from zimgpt.domain.rates import TooManyAnswers
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

AGAIN = 5
"""Seconds after which one of several answers may have ended."""

UNPAYABLE = Terms(max_tokens=1, hold=Tokens(2**63 - 1), lowered=False)
"""What no wallet covers: only a repeat of an accepted question passes with it."""

LONGEST_ID = 64


@attrs.frozen
class Question:
    """What a client asks, before anything is known about it."""

    client_id: str
    kind: Kind
    text: str
    conversation: ConversationId | None = None
    max_tokens: int | None = None
    brief: Brief | None = None


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
class _Bill:
    """What a question may cost, and on what that was reckoned."""

    estimate: int
    terms: Terms
    prices: tuple[Price, ...]
    window_from: AnswerId | None


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
            asked = await self._try(user, question, channel)
            if asked is not None:
                return self._answered(asked)
        raise Unavailable("Your wallet is busy with other questions. Please try again.")

    async def _try(
        self, user: UserId, question: Question, channel: str
    ) -> Asked | None:
        """None if the wallet changed between its reading and the hold."""
        prospect = await self._questions.prospect(
            user, question.conversation, self._models
        )
        remembered = window(prospect.turns, self._window)
        estimate = size(prompt(question.kind, question.text, remembered))
        agreed, refusal = UNPAYABLE, None
        try:
            agreed = self._terms(question, prospect, estimate)
        except Refusal as why:  # not the last word: its first asking may have paid
            refusal = why
        bill = _Bill(
            estimate,
            agreed,
            prospect.prices,
            remembered[0].answer if remembered else None,
        )
        asked = await self._questions.ask(self._new(user, question, channel, bill))
        if asked.outcome != "insufficient":
            return asked
        if refusal is not None:
            raise refusal
        return None

    def _terms(self, question: Question, prospect: Prospect, estimate: int) -> Terms:
        if len(prospect.prices) < len(set(self._models)):
            raise NoPrice
        most = MOST_ANSWER[question.kind]
        return terms(
            dearest(prospect.prices),
            prospect.available,
            prompt=estimate,
            wanted=min(question.max_tokens or most, most),
            least=LEAST_ANSWER,
        )

    def _new(
        self,
        user: UserId,
        question: Question,
        channel: str,
        bill: _Bill,
    ) -> NewQuestion:
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
            prompt_estimate=bill.estimate,
            terms=bill.terms,
            window_from=bill.window_from,
            prices=bill.prices,
        )

    def _answered(self, asked: Asked) -> Accepted:
        if asked.outcome == "unknown_conversation":
            raise NotFound("There is no such conversation.")
        if asked.outcome == "differs":
            raise QuestionDiffers
        if asked.outcome == "too_many":
            raise TooManyAnswers(retry=AGAIN)
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
    if question.brief is not None:
        raise BadRequest("Essays by a brief are not offered here yet.")
    check(question.text)
    if not 1 <= len(question.client_id) <= LONGEST_ID:
        raise BadRequest("A question's id has 1 to 64 characters.")
    if question.max_tokens is not None and question.max_tokens < 1:
        raise BadRequest("max_tokens is at least 1.")
    if question.kind is Kind.ESSAY and question.conversation is not None:
        raise BadRequest("An essay stands alone: leave out its conversation.")
