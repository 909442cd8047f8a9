"""What a client may ask of the program, whichever door it came in by."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from zimgpt.domain.accounts import UserId, Wallet
from zimgpt.domain.conversations import AnswerId, Begun, Replaced
from zimgpt.flows.asking import Accepted, Question
from zimgpt.flows.exchanging import Exchange
from zimgpt.flows.following import Audience
from zimgpt.flows.ports import Accounts, Answers, Questions, Reading
from zimgpt.flows.subscriptions import Subscription
from zimgpt.flows.tracing import Takes


@attrs.frozen
class Desk:
    """Asking, following and stopping, in one place."""

    _asking: Takes
    _audience: Audience
    _exchange: Exchange
    _questions: Questions
    _answers: Answers
    _accounts: Accounts

    async def ask(self, user: UserId, question: Question, channel: str) -> Accepted:
        """Commits a question, of which the asker's devices hear; raises a Refusal that
        changed nothing."""
        accepted = await self._asking.ask(user, question, channel)
        if accepted.fresh:
            self._tell(user, question, accepted)
        return accepted

    def _tell(self, user: UserId, question: Question, accepted: Accepted) -> None:
        talk, answer = accepted.conversation, accepted.answer
        if question.replaces is None:
            begun = Begun(talk, answer, question.client_id)
            self._exchange.turn_begun(user, begun)
        else:
            turn = Replaced(talk, question.replaces, answer)
            self._exchange.turn_replaced(user, turn)

    async def follow(
        self,
        subscription: Subscription,
        epoch: int,
        seq: int,
        announce: Callable[[Reading], None],
    ) -> None:
        """Joins an answer from its reader's place; raises NotFound, Unavailable."""
        await self._audience.follow(subscription, epoch, seq, announce)

    def join(self, subscription: Subscription) -> None:
        """Joins an answer that was just asked for."""
        self._audience.join(subscription)

    def leave(self, subscription: Subscription) -> None:
        """Leaves an answer, which goes on."""
        self._audience.leave(subscription)

    def resume(self, subscription: Subscription) -> None:
        """Brings a reader that was too slow up to date."""
        self._audience.resume(subscription)

    async def stop(self, user: UserId, answer: AnswerId) -> None:
        """Ends an answer early; one that has ended is left as it is.

        Raises NotFound for what is not theirs.
        """
        writer = await self._questions.stop(user, answer)
        if writer is None:
            await self._answers.read(user, answer, 0, 0)  # theirs at all?
        else:
            self._exchange.stop(answer, writer)

    async def wallet(self, user: UserId) -> Wallet:
        """The balances."""
        return await self._accounts.wallet(user)
