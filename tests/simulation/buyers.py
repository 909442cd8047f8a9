"""People who buy: they tap twice, forget, type wrong codes, and ask if it is paid."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import attrs
from twisted.internet.defer import Deferred

from tests.simulation.market import Market, Node
from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import Refusal, Unavailable
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.networks import Method
from zimgpt.embedded.paynow.book import NothingThere
from zimgpt.embedded.paynow.transactions import Transaction
from zimgpt.flows.ports.topups import Kept
from zimgpt.flows.topping_up import Wish

T = TypeVar("T")

PEOPLE: Final = 40
TRIES: Final = 200
"""How often somebody asks a service that is away before they give up."""
SHOPPING: Final = 3600.0  # seconds within which everybody begins
HANDS: Final = (
    *["approve"] * 7,
    *["wrong-pin", "no-funds", "cancel", "ignore"],
)


@attrs.define
class Buyers:
    """All of them; ``bought`` are the payments that they know of."""

    market: Market
    bought: list[Kept] = attrs.field(factory=list)
    refused: int = 0

    def begin(self, payments: int) -> None:
        """Each of so many is begun at some time."""
        for number in range(payments):
            when = self.market.dice.uniform(0.0, SHOPPING)
            self.market.later(when, lambda number=number: self._go(number))  # type: ignore[misc]

    def _go(self, number: int) -> None:
        done = Deferred.fromCoroutine(self._buy(number))
        done.addErrback(lambda f: self.market.broken.append(f.getTraceback()))

    async def _buy(self, number: int) -> None:
        dice = self.market.dice
        user, wish = self._wish(number)
        if dice.random() < 0.1:  # taps twice
            Deferred.fromCoroutine(self._start(user, wish))
        kept = await self._start(user, wish)
        if kept is None:
            self.refused += 1
            return
        self.bought.append(kept)
        await self.market.pause(dice.uniform(0.5, 90.0))
        for _ in range(dice.choice((1, 1, 2, 4))):
            await self._hand(user, kept)
            if dice.random() < 0.3:
                await self._insist(lambda n: n.topping_up.check(user, kept.id))
            await self.market.pause(dice.uniform(1.0, 600.0))

    def _wish(self, number: int) -> tuple[UserId, Wish]:
        dice = self.market.dice
        user = UserId(dice.randrange(PEOPLE))
        method = dice.choice(tuple(Method))
        wish = Wish(
            client_id=f"buy-{number}",
            package=dice.choice(("taste", "medium", "office")),
            currency=dice.choice(tuple(Currency)),
            phone=Phone(f"+26377{5_000_000 + number}") if method.by_phone else None,
            method=method,
        )
        return user, wish

    async def _start(self, user: UserId, wish: Wish) -> Kept | None:
        return await self._insist(lambda node: node.topping_up.start(user, wish))

    async def _insist(self, work: Callable[[Node], Coroutine[Any, Any, T]]) -> T | None:
        """Until it is heard, or refused."""
        for _ in range(TRIES):
            try:
                heard = await self.market.ask(work)
            except Unavailable:
                heard = None
            except Refusal:
                return None
            if heard is not None:
                return heard
            await self.market.pause(self.market.dice.uniform(1.0, 5.0))
        return None

    async def _hand(self, user: UserId, kept: Kept) -> None:
        """Does something on the handset, if there is anything on it."""
        book, order = self.market.gateway.book, kept.topup.order
        try:
            one = book.find(order.reference)
            if order.method is Method.OMARI and self.market.dice.random() < 0.8:
                await self._type(user, kept, one)
            else:
                act = self.market.dice.choice(HANDS)
                self.market.gateway.timeline.act(one, act)
        except NothingThere:
            pass

    async def _type(self, user: UserId, kept: Kept, one: Transaction) -> None:
        wrong = self.market.dice.random() < 0.3
        code = "000000" if wrong else one.code
        await self._insist(lambda n: n.topping_up.submit_code(user, kept.id, code))
