"""A market made of a seed: people buy tokens while everything goes wrong.

The flows are the real ones, and so are our client of the gateway and the gateway's
double; the store and the wire are in memory, and days pass in no time. Two nodes share
the store, die and come back; a key is changed; calls are lost, forged and repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from itertools import count
from random import Random
from typing import Any, Final, TypeVar

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from tests.fakes.buying import Sockets
from tests.fakes.payments import MemoryPayments
from tests.fakes.paynow import EMAIL, EPOCH, Gateway, Merchant, Wire
from tests.simulation.process import Process
from zimgpt.domain.errors import Unavailable
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.networks import Method
from zimgpt.domain.topups.packages import Package
from zimgpt.flows.callbacks import Callbacks
from zimgpt.flows.heralding import Herald
from zimgpt.flows.initiating import Addresses, Initiating
from zimgpt.flows.looking import Looking
from zimgpt.flows.ports.topups import PaymentId
from zimgpt.flows.rails import Rails
from zimgpt.flows.reconciling import Reconciling
from zimgpt.flows.settling import Settling
from zimgpt.flows.topping_up import ToppingUp
from zimgpt.outbound.paynow import Paynow
from zimgpt.wire.paynow.requests import Integration

T = TypeVar("T")

HOOK: Final = "http://127.0.0.1/webhooks/paynow"
PATIENCE: Final = 20.0  # seconds that the gateway, and people, wait for us
PACKAGES: Final = (
    Package(id="taste", version=1, tokens=Tokens(10_000), cents=50),
    Package(id="medium", version=1, tokens=Tokens(110_000), cents=500),
    Package(id="office", version=1, tokens=Tokens(2_500_000), cents=10_000),
)
IDS: Final = {Currency.USD: 1201, Currency.ZWG: 1202}


class Line:
    """A node's line to the store: slow, away for a moment, or cut after the commit."""

    def __init__(self, store: MemoryPayments, process: Process, dice: Random) -> None:
        self._store = store
        self._process = process
        self._dice = dice

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._store, name)

        async def call(*args: object, **more: object) -> Any:  # noqa: ANN401
            fate = self._dice.random()
            if fate < 0.01:
                raise Unavailable
            if fate < 0.2:
                await self._process.pause(self._dice.uniform(0.0, 0.3))
            result = await method(*args, **more)
            if fate > 0.99:
                raise Unavailable
            if fate > 0.8:
                await self._process.pause(self._dice.uniform(0.0, 0.3))
            return result

        return call


class Node:
    """One life of a node: its flows, on a clock that stops when it dies."""

    def __init__(self, market: Market) -> None:
        self.process = process = Process(market.clock)
        self.rounding = False
        self.next_round = market.clock.seconds()
        line: Any = Line(market.store, process, market.dice)
        self.wire = Wire(market.gateway.interface, process)
        rails = Rails(process, {one: market.rail(one, self) for one in Currency})
        herald = Herald(process, line, line, Sockets(), lambda *_: None)
        settling = Settling(line, market.dice.random, herald.changed)
        looking = Looking(line, rails, settling)
        addresses = Addresses(
            lambda kept: (
                f"{HOOK}/{kept.topup.order.amount.currency.value.lower()}/{kept.id}"
            ),
            lambda kept: f"http://127.0.0.1/pay?payment={kept.id}",
        )
        initiating = Initiating(rails, settling, looking, addresses)
        self.callbacks = Callbacks(line, rails, looking, initiating)
        self.reconciling = Reconciling(process, line, rails, looking)
        self.topping_up = ToppingUp(
            payments=line,
            rails=rails,
            settling=settling,
            looking=looking,
            initiating=initiating,
            herald=herald,
            methods=tuple(Method),
            new_id=lambda: f"0000000b-0000-4000-8000-{next(market.numbers):012}",
            new_secret=lambda: market.dice.randbytes(32),
        )

    def round(self) -> None:
        """Asks about what is due, unless it still does."""
        self.next_round = self.process.seconds() + 1.0
        if not self.rounding and not self.process.dead:
            self.rounding = True
            asked = Deferred.fromCoroutine(self.reconciling.round())
            asked.addBoth(self._rounded)

    def _rounded(self, result: object) -> None:
        self.rounding = False
        if isinstance(result, Failure):
            result.raiseException()


@attrs.frozen
class Call:
    """A call of the gateway's, and what it was answered."""

    at: float
    body: bytes
    code: int


class Market:
    """The world: a clock, a gateway, a store, and two nodes that come and go."""

    def __init__(self, seed: int, chance: float = 0.12) -> None:
        self.dice = Random(seed)
        self.clock = Clock()
        self.numbers = count()
        self.store = MemoryPayments(self.clock, packages=PACKAGES)
        self.keys = {one: [f"key-of-{one.value.lower()}"] for one in Currency}
        merchants = (
            Merchant(id=IDS[one], key=self.keys[one][-1], currency=one, email=EMAIL)
            for one in Currency
        )
        self.gateway = Gateway(
            self.clock,
            *merchants,
            post=self._called,
            dice=Random(seed),
            epoch=EPOCH,
        )
        self.gateway.book.habits.chance = chance
        self.nodes: list[Node | None] = [Node(self), Node(self)]
        self.calls: list[Call] = []
        self.seen: Counter[str] = Counter()
        self.broken: list[str] = []
        """What was raised where nothing may be."""
        self._graves: list[Node] = []

    # ---- time

    def live(self, until: float) -> None:
        """Everything happens, up to then."""
        while (now := self.clock.seconds()) < until:
            self.clock.advance(max(0.0, min(self._next(now), until) - now))
            now = self.clock.seconds()
            if self._due() <= now:
                for node in self.nodes:
                    if node is not None and node.next_round <= now:
                        node.round()

    def _next(self, now: float) -> float:
        calls = self.clock.getDelayedCalls()
        timer = min((call.getTime() for call in calls), default=float("inf"))
        rounds = [n.next_round for n in self.nodes if n is not None]
        due = max(self._due(), min(rounds)) if rounds else float("inf")
        return max(now, min(timer, due))

    def _due(self) -> float:
        dues = (row.due for row in self.store.rows.values() if row.due is not None)
        return min(dues, default=float("inf"))

    def pause(self, seconds: float) -> Deferred[None]:
        """Time passes for people and for the world."""
        over: Deferred[None] = Deferred()
        self.clock.callLater(seconds, over.callback, None)
        return over

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Something happens then."""
        self.clock.callLater(seconds, act)

    # ---- nodes

    def kill(self, number: int, away: float) -> None:
        """A node dies in the middle of everything, and comes back."""
        node, self.nodes[number] = self.nodes[number], None
        if node is None:
            return
        node.process.dead = True
        self._graves.append(node)  # collected, it would come to life once more
        self.seen["deaths"] += 1
        self.later(away, lambda: self._born(number))

    def _born(self, number: int) -> None:
        self.nodes[number] = Node(self)

    def rail(self, currency: Currency, node: Node) -> Paynow:
        """A node's way to the gateway, with the keys it was told when it began."""
        *old, key = self.keys[currency]
        return Paynow(
            currency,
            self.gateway.book.url,
            Integration(IDS[currency], key),
            EMAIL,
            node.wire.http(),
            node.process,
            tuple(old),
        )

    def change_key(self, currency: Currency) -> None:
        """The gateway gives a new key; nodes know it when they begin anew."""
        merchants, id = self.gateway.book.merchants, IDS[currency]
        self.keys[currency].append(f"next-key-of-{currency.value.lower()}")
        merchants[id] = attrs.evolve(merchants[id], key=self.keys[currency][-1])
        self.seen["keys"] += 1

    def anybody(self) -> Node | None:
        """A node that is there, if any is."""
        living = [node for node in self.nodes if node is not None]
        return self.dice.choice(living) if living else None

    async def ask(self, work: Callable[[Node], Coroutine[Any, Any, T]]) -> T | None:
        """What a node answers; None if it does not, for it may be dead by then."""
        node = self.anybody()
        if node is None:
            await self.pause(0)
            return None
        heard: Deferred[T | None] = Deferred()
        late = self.clock.callLater(PATIENCE, heard.callback, None)

        def answered(result: Any) -> None:  # noqa: ANN401
            if not heard.called:
                late.cancel()
                heard.callback(result)

        Deferred.fromCoroutine(work(node)).addBoth(answered)
        return await heard

    async def _called(self, url: str, body: bytes) -> int:
        currency, id = url.removeprefix(HOOK + "/").split("/")

        async def hear(node: Node) -> int:
            try:
                heard = await node.callbacks.hear(
                    Currency(currency.upper()), PaymentId(id), body
                )
            except Unavailable:
                return 503
            return 200 if heard else 400

        code = await self.ask(hear) or 0
        self.calls.append(Call(self.clock.seconds(), body, code))
        return code
