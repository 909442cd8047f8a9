"""What one client's end of the protocol may ask of the rest of the program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from zimgpt.domain.accounts import UserId, Wallet
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.asking import Accepted, Question
from zimgpt.flows.ports import Reading
from zimgpt.flows.subscriptions import Subscription


class Allowance(Protocol):
    """Counts what an account asks for; each raises TooFast (limits.Gate)."""

    def message(self, user: UserId) -> None:
        """One message, whatever it is."""
        ...

    def question(self, user: UserId) -> None:
        """One question."""
        ...


class Desk(Protocol):
    """What a link may ask of the rest of the program."""

    async def ask(self, user: UserId, question: Question, channel: str) -> Accepted:
        """Commits a question."""
        ...

    async def follow(
        self,
        subscription: Subscription,
        epoch: int,
        seq: int,
        announce: Callable[[Reading], None],
    ) -> None:
        """Joins an answer from the client's place in it."""
        ...

    def join(self, subscription: Subscription) -> None:
        """Joins an answer that has not begun."""
        ...

    def leave(self, subscription: Subscription) -> None:
        """Leaves an answer, which goes on."""
        ...

    def resume(self, subscription: Subscription) -> None:
        """Brings a reader that was too slow up to date."""
        ...

    async def stop(self, user: UserId, answer: AnswerId) -> None:
        """Ends an answer early."""
        ...

    async def wallet(self, user: UserId) -> Wallet:
        """The balances."""
        ...
