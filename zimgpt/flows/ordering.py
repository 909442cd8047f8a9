"""Ordering an essay: what it costs, and what became of an order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.essays import outlines, quotes
from zimgpt.domain.essays.briefs import Brief, Section, Step, checked
from zimgpt.domain.essays.quotes import Quote
from zimgpt.domain.ledger import NoPrice, Tokens, dearest
from zimgpt.flows.ports import Questions


@attrs.frozen
class Order:
    """A brief, and how far it is."""

    answer: AnswerId
    conversation: ConversationId
    topic: str
    brief: Brief
    state: State
    text: str
    """What is written; empty until it has ended."""
    words: int | None
    prompts: str | None
    """The version of what the model was told."""
    cost: Tokens

    @property
    def outline(self) -> tuple[Section, ...]:
        """What the essay follows, or what was written as an outline; one that cannot
        be read as such is replaced by a plain one."""
        if self.brief.step is Step.ESSAY:
            return self.brief.outline
        if not self.state.ended:
            return ()
        return outlines.parsed(self.text) or outlines.plain(self.brief)


class Orders(Protocol):
    """Orders as their owners see them."""

    async def order(self, user: UserId, answer: AnswerId) -> Order:
        """Raises NotFound for what is not theirs or has no brief."""
        ...


@attrs.frozen
class Ordering:
    """Prices and shows orders; a hold covers the dearest of the models."""

    _questions: Questions
    _orders: Orders
    _models: Sequence[str]

    async def quote(self, user: UserId, topic: str, brief: Brief) -> Quote:
        """What this step of the essay costs; raises a Refusal for a bad brief."""
        brief = checked(topic, brief)
        prospect = await self._questions.prospect(user, None, self._models)
        if len(prospect.prices) < len(set(self._models)):
            raise NoPrice
        price = dearest(prospect.prices)
        return quotes.quote(price, prospect.available, topic, brief)

    async def look(self, user: UserId, answer: AnswerId) -> Order:
        """An order; raises NotFound for what is not theirs."""
        return await self._orders.order(user, answer)
