"""Nodes that trust the broker more than they may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from zimgpt.domain.accounts import UserId
from zimgpt.flows.asking import Accepted, Asking, Question
from zimgpt.flows.ports import NotPublished, Ticket
from zimgpt.flows.relaying import PATIENCE, Relay


async def _nothing_again(self: Relay, patience: timedelta = PATIENCE) -> int:
    return 0


def never_again() -> None:
    """What the broker has not confirmed is not given to it again."""
    Relay.sweep = _nothing_again  # type: ignore[method-assign]


def wait_for_broker() -> None:
    """A question is accepted when the broker has confirmed it, and not before."""
    ask, given = Asking.ask, []

    def publish(self: Relay, ticket: Ticket) -> None:
        given.append((self, ticket))

    async def ask_and_publish(
        self: Asking, user: UserId, question: Question, channel: str
    ) -> Accepted:
        accepted = await ask(self, user, question, channel)
        while given:
            relay, ticket = given.pop()
            await _given(relay, ticket)
        return accepted

    async def _given(relay: Any, ticket: Ticket) -> None:  # noqa: ANN401
        try:
            await relay._give(ticket)
        except NotPublished:
            return

    Relay.publish = publish  # type: ignore[method-assign]
    Asking.ask = ask_and_publish  # type: ignore[method-assign]


MUTANTS: Mapping[str, Callable[[], None]] = {
    "never-again": never_again,
    "wait-for-broker": wait_for_broker,
}
