"""The rails of a node: one for each currency, asked with care.

A gateway that is in trouble is not asked faster: at most so many questions are under
way, and after several that had no answer it is left alone for a while. Beginning a
payment is apart from that, for somebody waits for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from twisted.internet.defer import DeferredSemaphore
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from zimgpt.domain import circuits
from zimgpt.domain.circuits import CLOSED, Circuit, Failure
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.refusals import CurrencyOff
from zimgpt.flows.ports.payments import Rail, Unheard

T = TypeVar("T")

AT_ONCE: Final = 4
"""Questions to the gateway that are under way."""
BREAKS: Final = circuits.Limits(failures=6, within=60.0, rest=15.0)


class Rails:
    """What payments go by; empty where none are set up."""

    log = Logger()

    def __init__(self, clock: IReactorTime, rails: Mapping[Currency, Rail]) -> None:
        self.asked = 0
        """Questions that had an answer."""
        self.unheard = 0
        self._clock = clock
        self._rails = dict(rails)
        self._turns = DeferredSemaphore(AT_ONCE)
        self._circuit: Circuit = CLOSED

    @property
    def currencies(self) -> tuple[Currency, ...]:
        """What can be paid in."""
        return tuple(self._rails)

    @property
    def resting(self) -> bool:
        """Whether the gateway is left alone."""
        circuit = self._circuit
        if isinstance(circuit, circuits.Open):
            return self._clock.seconds() < circuit.until
        return isinstance(circuit, circuits.Probing)

    def rail(self, currency: Currency) -> Rail:
        """The one for a currency; raises CurrencyOff."""
        if currency not in self._rails:
            raise CurrencyOff
        return self._rails[currency]

    async def ask(
        self, currency: Currency, question: Callable[[Rail], Awaitable[T]]
    ) -> T:
        """The answer to a question, when it is its turn; raises Unheard."""
        if currency not in self._rails:
            raise Unheard("this currency is not set up any more")
        await self._turns.acquire()
        try:
            return await self._guarded(self._rails[currency], question)
        finally:
            self._turns.release()

    async def _guarded(self, rail: Rail, question: Callable[[Rail], Awaitable[T]]) -> T:
        now = self._clock.seconds()
        self._circuit, may = circuits.ask(self._circuit, now)
        if not may:
            raise Unheard("the gateway is left alone for a while")
        try:
            heard = await question(rail)
        except Unheard:
            self._missed()
            raise
        except BaseException:
            self._circuit = circuits.undecided(self._circuit, self._clock.seconds())
            raise
        self.asked += 1
        self._circuit = circuits.succeeded(self._circuit)
        return heard

    def _missed(self) -> None:
        self.unheard += 1
        failure = Failure(self._clock.seconds(), busy=False)
        self._circuit = circuits.failed(self._circuit, failure, BREAKS)
        if isinstance(self._circuit, circuits.Open):
            self.log.error("the payment gateway does not answer; it is left alone")
