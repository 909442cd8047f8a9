"""What merchants are told: a callback on every change, sent again until it is taken.

An answer below 400 ends it; anything else, or none, brings it again up to ten times,
ever more slowly. What was under way when this program ended goes on when it returns.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from zimgpt.embedded.paynow import messages
from zimgpt.embedded.paynow.book import Book
from zimgpt.embedded.paynow.forging import forged
from zimgpt.embedded.paynow.messages import Pairs
from zimgpt.embedded.paynow.transactions import OPEN, Delivery, Transaction

log = Logger()

GAPS: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
"""Seconds before each of the ten repetitions."""
BEHIND: Final = 40.0  # seconds that first callbacks are late, if they come out of order

Post = Callable[[str, bytes], Awaitable[int]]
"""Posts a body to a URL; returns the status, 0 where no answer came."""


class Callbacks:
    """The sender."""

    def __init__(self, book: Book, post: Post) -> None:
        self._book = book
        self._post = post
        self._closed = False
        self._sent = 0
        self.under_way = 0

    def tell(self, transaction: Transaction) -> None:
        """Sends how it stands, and whatever is forged along with it."""
        if not transaction.result_url:
            return
        troubles, now = transaction.troubles, self._book.now()
        body = self.body(transaction)
        if not troubles.lost:
            late = BEHIND if troubles.reordered and transaction.status in OPEN else 0.0
            for copy in range(troubles.copies):
                at = now + late + copy * troubles.apart
                self.send(transaction, Delivery(at, body.decode()))
        for kind in troubles.forged:
            self.forge(transaction, kind)

    def forge(self, transaction: Transaction, kind: str) -> None:
        """Sends one that is not ours."""
        merchant = self._book.merchants[transaction.merchant]
        body = forged(kind, self.pairs(transaction), merchant.key)
        self.send(transaction, Delivery(self._book.now(), body.decode(), kind))

    def send(self, transaction: Transaction, delivery: Delivery) -> None:
        """Sends one when its time has come."""
        transaction.deliveries.append(delivery)
        self._plan(transaction, delivery)

    def resume(self) -> None:
        """Goes on with what was not taken before this program ended."""
        for transaction in self._book.transactions.values():
            for delivery in transaction.deliveries:
                if not delivery.over:
                    self._plan(transaction, delivery)

    def close(self) -> None:
        """Sends nothing more."""
        self._closed = True

    @property
    def idle(self) -> bool:
        """Whether everything was taken or given up."""
        every = self._book.transactions.values()
        return all(one.over for each in every for one in each.deliveries)

    def pairs(self, transaction: Transaction, status: str = "") -> Pairs:
        """The fields of a status message, in the documented order."""
        poll = f"{self._book.url}/Interface/CheckPayment/?guid={transaction.guid}"
        return [
            ("reference", transaction.reference),
            ("paynowreference", transaction.shown_number),
            ("amount", transaction.charged),
            ("status", status or transaction.status),
            ("pollurl", poll),
        ]

    def body(self, transaction: Transaction, status: str = "") -> bytes:
        """A status message, signed with the merchant's key of today."""
        troubles = transaction.troubles
        return messages.signed(
            self.pairs(transaction, status),
            self._book.merchants[transaction.merchant].key,
            capital=troubles.capital,
            middle=troubles.middle,
        )

    def _door(self, url: str) -> str:
        doors = self._book.habits.doors
        if not doors:
            return url
        self._sent += 1
        parts = urlsplit(url)
        return doors[self._sent % len(doors)] + urlunsplit(("", "", *parts[2:]))

    def _plan(self, transaction: Transaction, delivery: Delivery) -> None:
        wait = delivery.at - self._book.now()
        self._book.later(wait, self._start, transaction, delivery)

    def _start(self, transaction: Transaction, delivery: Delivery) -> None:
        Deferred.fromCoroutine(self._deliver(transaction, delivery)).addErrback(
            lambda failure: log.failure("a callback was not sent", failure)
        )

    async def _deliver(self, transaction: Transaction, delivery: Delivery) -> None:
        self.under_way += 1
        try:
            url = delivery.url or self._door(transaction.result_url)
            code = await self._post(url, delivery.body.encode())
        finally:
            self.under_way -= 1
        if self._closed:
            return
        delivery.answers.append(code)
        tries = len(delivery.answers)
        if 0 < code < 400 or delivery.kind or tries > len(GAPS):
            delivery.over = True
        else:
            delivery.at = self._book.now() + GAPS[tries - 1]
            self._plan(transaction, delivery)
        self._book.changed(transaction)
