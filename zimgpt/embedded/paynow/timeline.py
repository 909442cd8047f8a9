"""What becomes of a payment: by itself, by its person's hand, or by the gateway's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from zimgpt.embedded.paynow.book import Book, NothingThere
from zimgpt.embedded.paynow.callbacks import Callbacks
from zimgpt.embedded.paynow.transactions import (
    CANCELLED,
    CREATED,
    DELIVERED,
    DISPUTED,
    FAILED,
    OPEN,
    PAID,
    REFUNDED,
    SENT,
    Change,
    Step,
    Transaction,
)

PROMPTED: Final = 1.0  # seconds until a wallet shows its prompt
NUMBERS: Final = {
    "0771111111": (5.0, "approve"),
    "0772222222": (30.0, "approve"),
    "0773333333": (30.0, "wrong-pin"),
}
"""Nobody's: they act by themselves, so long after they were asked."""
BROKE: Final = "0774444444"
"""Nobody's either, and without any money."""


class Timeline:
    """All that can become of payments. Acts have the names that the page uses."""

    def __init__(self, book: Book, callbacks: Callbacks) -> None:
        self._book = book
        self._callbacks = callbacks
        self._acts: dict[str, Callable[[Transaction], None]] = {
            "prompt": self._prompt,
            "approve": self._approve,
            "wrong-pin": lambda one: self._end(one, FAILED),
            "no-funds": lambda one: self._end(one, FAILED),
            "cancel": lambda one: self._end(one, CANCELLED),
            "expire": lambda one: self._end(one, CANCELLED),
            "ignore": self._ignore,
            "late": self._late,
            "deliver": self._deliver,
            "dispute": lambda one: self._reverse(one, DISPUTED),
            "refund": lambda one: self._reverse(one, REFUNDED),
        }

    def begin(self, transaction: Transaction) -> None:
        """It was taken; its person is asked."""
        transaction.history.append(Change(self._book.now(), CREATED))
        self._book.add(transaction)
        if transaction.troubles.early:
            self._callbacks.tell(transaction)
        if transaction.method == "web":
            return
        self._plan(transaction, PROMPTED, "prompt")
        if transaction.phone in NUMBERS and transaction.method in (
            "ecocash",
            "onemoney",
        ):
            self._plan(transaction, *NUMBERS[transaction.phone])
        habits = self._book.habits
        wait = habits.code_until if transaction.code else habits.prompt_until
        self._plan(transaction, wait, "expire")
        self._book.changed(transaction)

    def resume(self) -> None:
        """Goes on with what was to come when this program ended."""
        for transaction in self._book.transactions.values():
            for step in transaction.plan:
                wait = step.at - self._book.now()
                self._book.later(wait, self._take, transaction, step)

    def act(self, transaction: Transaction, name: str) -> None:
        """Somebody does this; raises NothingThere if it cannot be done now."""
        if name not in self._acts:
            raise NothingThere(name)
        self._acts[name](transaction)

    # ---- the person

    def _prompt(self, one: Transaction) -> None:
        if one.status == CREATED:
            self._become(one, SENT)

    def _approve(self, one: Transaction) -> None:
        self._must(one, *OPEN)
        if one.troubles.cancelled_first:
            self._plan(one, one.troubles.cancelled_first, "late")
            self._become(one, CANCELLED)
        else:
            self._pay(one)

    def _late(self, one: Transaction) -> None:
        """The gateway thinks better of it."""
        self._must(one, CANCELLED, FAILED)
        self._pay(one)

    def _pay(self, one: Transaction) -> None:
        troubles = one.troubles
        one.paid = True
        if troubles.word not in ("Paid", DELIVERED) and troubles.delivered_after:
            self._plan(one, troubles.delivered_after, "deliver")
        if troubles.afterwards:
            act = {"disputed": "dispute", "refunded": "refund"}[troubles.afterwards]
            self._plan(one, troubles.afterwards_after, act)
        self._become(one, troubles.word)

    def _end(self, one: Transaction, status: str) -> None:
        self._must(one, *OPEN)
        self._become(one, status)

    def _ignore(self, one: Transaction) -> None:
        self._must(one, *OPEN)
        one.ignored = True
        self._book.changed(one)

    # ---- the gateway

    def _deliver(self, one: Transaction) -> None:
        self._must(one, "Awaiting Delivery")
        self._become(one, DELIVERED)

    def _reverse(self, one: Transaction, status: str) -> None:
        self._must(one, *PAID, DISPUTED)
        self._become(one, status)

    # ---- how

    def _become(self, one: Transaction, status: str) -> None:
        one.history.append(Change(self._book.now(), status))
        self._callbacks.tell(one)
        self._book.changed(one)

    def _must(self, one: Transaction, *statuses: str) -> None:
        if one.status not in statuses:
            raise NothingThere(f"it is {one.status}")

    def _plan(self, one: Transaction, seconds: float, act: str) -> None:
        step = Step(self._book.now() + seconds, act)
        one.plan.append(step)
        self._book.later(seconds, self._take, one, step)

    def _take(self, one: Transaction, step: Step) -> None:
        one.plan.remove(step)
        try:
            self.act(one, step.act)
        except NothingThere:
            self._book.changed(one)
