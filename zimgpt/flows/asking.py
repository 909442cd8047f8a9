"""A question on its way in: priced, held and committed before it is acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from zimgpt.domain import bills
from zimgpt.domain.accounts import UserId
from zimgpt.domain.api_keys import ApiKey, KeyBudgetSpent, WrongKey
from zimgpt.domain.bills import Bill
from zimgpt.domain.conversations import AnswerId, ConversationId, title
from zimgpt.domain.errors import BadRequest, NotFound, Refusal, Unavailable
from zimgpt.domain.essays.briefs import Brief, checked
from zimgpt.domain.ledger import (
    InsufficientTokens,
    NoPrice,
    Price,
    Tokens,
    dearest,
)
from zimgpt.domain.questions import (
    Kind,
    Message,
    QuestionDiffers,
    TurnOpen,
    TurnReplaced,
    check,
)
from zimgpt.domain.rates import TooManyAnswers
from zimgpt.flows.ports import (
    ApiUse,
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

LONGEST_ID = 64


@attrs.frozen
class Program:
    """What comes with a program's question: its own messages instead of what a chat
    remembers, and the key that it asks by."""

    messages: tuple[Message, ...]
    key: ApiKey
    fingerprint: bytes
    """SHA-256 of the request."""


@attrs.frozen
class Question:
    """What a client asks, before anything is known about it."""

    client_id: str
    kind: Kind
    text: str
    conversation: ConversationId | None = None
    max_tokens: int | None = None
    brief: Brief | None = None
    program: Program | None = None
    replaces: AnswerId | None = None
    """A turn of the conversation whose place it takes, with all that came after."""


@attrs.frozen
class Accepted:
    """A committed question; repeating the same id gives the same again."""

    answer: AnswerId
    conversation: ConversationId
    max_tokens: int
    hold: Tokens
    available: Tokens
    lowered: bool
    """The balance covers a shorter answer than usual, of ``max_tokens``."""
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
        question = _checked(question)
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
            user,
            question.conversation if question.kind is Kind.CHAT else None,
            self._models,
            question.replaces,
        )
        available = prospect.available
        if question.program is not None:
            available = question.program.key.covered(available)
        bill, refusal = Bill(estimate=0), None
        try:
            bill = self._bill(question, attrs.evolve(prospect, available=available))
        except Refusal as why:  # not the last word: its first asking may have paid
            refusal = why
            if isinstance(why, InsufficientTokens) and available < prospect.available:
                refusal = KeyBudgetSpent()
        asked = await self._questions.ask(
            self._new(user, question, channel, bill, prospect.prices)
        )
        if asked.outcome not in ("insufficient", "over_budget"):
            return asked
        if refusal is not None:
            raise refusal
        if asked.outcome == "over_budget":  # other questions by it came in between
            raise KeyBudgetSpent
        return None

    def _bill(self, question: Question, prospect: Prospect) -> Bill:
        if len(prospect.prices) < len(set(self._models)):
            raise NoPrice
        price, available = dearest(prospect.prices), prospect.available
        text, wanted = question.text, question.max_tokens
        if question.program is not None:
            messages = question.program.messages
            return bills.of_messages(price, available, messages, wanted)
        if question.brief is not None:
            return bills.of_essay(price, available, text, question.brief)
        if question.kind is Kind.ESSAY:
            return bills.of_question(
                price, available, question.kind, text, wanted, prospect.language
            )
        return bills.of_chat(
            price,
            available,
            text,
            wanted,
            prospect.turns,
            prospect.memory,
            self._window,
            prospect.language,
        )

    def _new(
        self,
        user: UserId,
        question: Question,
        channel: str,
        bill: Bill,
        prices: tuple[Price, ...],
    ) -> NewQuestion:
        return NewQuestion(
            user=user,
            client_id=question.client_id,
            kind=question.kind,
            channel=channel,
            text=question.text,
            conversation=question.conversation,
            new_conversation=ConversationId(self._new_id()),
            title=_title(question),
            answer=AnswerId(self._new_id()),
            job=self._new_id(),
            origin=self._node,
            prompt_estimate=bill.estimate,
            terms=bill.terms,
            window_from=bill.window_from,
            prices=prices,
            brief=question.brief,
            fold=bill.fold,
            use=_use(question),
            replaces=question.replaces,
        )

    def _answered(self, asked: Asked) -> Accepted:
        if asked.outcome == "unknown_conversation":
            raise NotFound("There is no such conversation.")
        if asked.outcome == "revoked":
            raise WrongKey
        if asked.outcome == "differs":
            raise QuestionDiffers
        if asked.outcome == "replaced":
            raise TurnReplaced
        if asked.outcome == "open_turn":
            raise TurnOpen
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
            lowered=asked.lowered,
            fresh=asked.outcome == "accepted",
        )


def _title(question: Question) -> str:
    if question.program is not None:
        return title(question.program.messages[-1].content)
    return title(question.text)


def _use(question: Question) -> ApiUse | None:
    if question.program is None:
        return None
    return ApiUse(question.program.key.id, question.program.fingerprint)


def _checked(question: Question) -> Question:
    check(question.text)
    if not 1 <= len(question.client_id) <= LONGEST_ID:
        raise BadRequest("A question's id has 1 to 64 characters.")
    if question.max_tokens is not None and question.max_tokens < 1:
        raise BadRequest("max_tokens is at least 1.")
    if question.replaces is not None and (
        question.kind is not Kind.CHAT or question.conversation is None
    ):
        raise BadRequest("Only a turn of a chat is replaced: name its conversation.")
    if question.brief is not None:
        return _ordered(question, question.brief)
    if question.kind is Kind.ESSAY and question.conversation is not None:
        raise BadRequest("An essay stands alone: leave out its conversation.")
    return question


def _ordered(question: Question, brief: Brief) -> Question:
    if question.kind is not Kind.ESSAY:
        raise BadRequest("Only an essay has a brief.")
    if question.max_tokens is not None:
        raise BadRequest("The brief has the length of an essay: leave out max_tokens.")
    return attrs.evolve(question, brief=checked(question.text, brief))
