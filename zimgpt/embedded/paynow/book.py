"""What is true at this gateway: merchants, payments, the time."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final
from uuid import UUID

import attrs
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from zimgpt.embedded.paynow.keeping import Nowhere, Shelf
from zimgpt.embedded.paynow.merchants import Merchant
from zimgpt.embedded.paynow.transactions import Transaction
from zimgpt.embedded.paynow.troubles import Troubles, drawn

FIRST: Final = 36_225_925  # the first reference that is given out


class NothingThere(Exception):  # noqa: N818 - what was missing
    """There is no such payment, or nothing of that kind can be done with it."""


@attrs.define
class Habits:
    """How this gateway behaves with everybody."""

    strict: bool = True
    """Whether amounts and numbers must have the usual form."""
    networks: bool = False
    """Whether a wallet refuses the numbers of other networks."""
    prompt_until: float = 180.0
    """Seconds until a prompt that nobody answers is cancelled."""
    code_until: float = 600.0
    chance: float = 0.0
    """How likely each trouble is for payments of which nothing else was said."""
    doors: tuple[str, ...] = ()
    """Where callbacks are posted, in turn, instead of the host that merchants named:
    nodes on one machine are many, and none of them is public."""
    outage: str = ""
    """What everybody is answered, as in ``Troubles.poll``, until ``outage_until``."""
    outage_until: float = 0.0


class Book:
    """Everything. ``epoch`` is what time it is when the clock says zero."""

    def __init__(
        self,
        clock: IReactorTime,
        dice: Random,
        shelf: Shelf | None = None,
        *,
        epoch: float = 0.0,
    ) -> None:
        self.clock = clock
        self.dice = dice
        self.epoch = epoch
        self.habits = Habits()
        self.merchants: dict[int, Merchant] = {}
        self.transactions: dict[str, Transaction] = {}
        self.url = "http://127.0.0.1"
        self._shelf = shelf or Nowhere()
        self._next: list[Troubles] = []
        self._traces: dict[tuple[int, str], str] = {}
        self._numbers: dict[int, str] = {}
        self._references: dict[str, str] = {}
        self._calls: set[IDelayedCall] = set()
        self._watchers: list[Callable[[str], None]] = []
        self._number = FIRST
        for transaction in self._shelf.load():
            self._know(transaction)

    def now(self) -> float:
        """Unix seconds."""
        return self.epoch + self.clock.seconds()

    def later(self, seconds: float, act: Callable[..., None], *args: object) -> None:
        """Acts after a while, unless this gateway ends before."""

        def run() -> None:
            self._calls.discard(call)
            act(*args)

        call = self.clock.callLater(max(0.0, seconds), run)
        self._calls.add(call)

    def hurry(self, seconds: float) -> None:
        """Moves the time on: what is to happen comes so much sooner."""
        now = self.clock.seconds()
        self.epoch += seconds
        for call in sorted(self._calls, key=lambda one: one.getTime()):
            call.reset(max(0.0, call.getTime() - now - seconds))

    def close(self) -> None:
        """Nothing happens any more."""
        for call in self._calls:
            call.cancel()
        self._calls.clear()

    # ---- payments

    def number(self) -> int:
        """A new reference of ours."""
        self._number += 1
        return self._number - 1

    def guid(self) -> str:
        """A new name for a payment, which nobody can guess."""
        return str(UUID(bytes=self.dice.randbytes(16), version=4))

    def add(self, transaction: Transaction) -> None:
        """A new payment."""
        self._know(transaction)
        self.changed(transaction)

    def traced(self, merchant: int, trace: str) -> Transaction | None:
        """The merchant's payment of that trace."""
        guid = self._traces.get((merchant, trace))
        return None if guid is None else self.transactions[guid]

    def numbered(self, number: int) -> Transaction | None:
        """The payment of that reference of ours."""
        guid = self._numbers.get(number)
        return None if guid is None else self.transactions[guid]

    def find(self, name: str) -> Transaction:
        """By its guid, or the latest of a merchant's reference; raises NothingThere."""
        if name in self.transactions:
            return self.transactions[name]
        guid = self._references.get(name)
        if guid is None:
            raise NothingThere(name)
        return self.transactions[guid]

    def changed(self, transaction: Transaction) -> None:
        """Keeps it, then tells those who watch."""
        self._shelf.save(transaction)
        for watcher in list(self._watchers):
            watcher(transaction.guid)

    def watch(self, watcher: Callable[[str], None]) -> Callable[[], None]:
        """Calls with the guid of whatever changed; returns how to end that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    # ---- troubles

    def trouble(self, troubles: Troubles, times: int = 1) -> None:
        """What goes wrong with the next payments."""
        self._next.extend([troubles] * times)

    def troubles(self) -> Troubles:
        """A new payment's."""
        if self._next:
            return self._next.pop(0)
        if self.habits.chance > 0:
            return drawn(self.dice, self.habits.chance)
        return Troubles()

    def outage(self) -> str:
        """What everybody is answered now."""
        return self.habits.outage if self.now() < self.habits.outage_until else ""

    def _know(self, transaction: Transaction) -> None:
        self.transactions[transaction.guid] = transaction
        self._numbers[transaction.number] = transaction.guid
        self._references[transaction.reference] = transaction.guid
        if transaction.trace:
            self._traces[transaction.merchant, transaction.trace] = transaction.guid
        self._number = max(self._number, transaction.number + 1)
