"""News of payments, to whoever watches: open sockets and waiting requests, everywhere.

Only that there are news travels between nodes. Each that has somebody to tell reads the
payment, so what is told was committed, and who was not told can read it as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Protocol

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import Unavailable
from zimgpt.flows import purses
from zimgpt.flows.ports import Wallets
from zimgpt.flows.ports.topups import Kept, PaymentId, Payments


class Watchers(purses.Watchers, Protocol):
    """The open sockets of this node."""

    def tell_payment(self, user: UserId, kept: Kept) -> None:
        """Says how a payment stands, on all of theirs."""
        ...


@attrs.define
class Herald:
    """``elsewhere`` passes news on to all other nodes."""

    _clock: IReactorTime
    _payments: Payments
    _wallets: Wallets
    _watchers: Watchers
    _elsewhere: Callable[[PaymentId, Collection[UserId]], None]
    _bells: dict[PaymentId, set[Deferred[None]]] = attrs.field(
        init=False, factory=lambda: defaultdict(set)
    )
    _hurried: bool = attrs.field(init=False, default=False)

    log = Logger()

    def changed(self, kept: Kept) -> None:
        """A payment was changed here; ``kept`` may be how it was before."""
        users = frozenset((kept.payer, kept.user))
        self._elsewhere(kept.id, users)
        self.heard(kept.id, users)

    def heard(self, payment: PaymentId, users: Collection[UserId]) -> None:
        """A payment was changed, here or elsewhere."""
        for bell in self._bells.pop(payment, set()):
            bell.callback(None)
        here = self._watchers.watching(users)
        if here:
            Deferred.fromCoroutine(self._tell(payment, here))

    @contextmanager
    def listening(
        self, payment: PaymentId
    ) -> Iterator[Callable[[float], Awaitable[None]]]:
        """Gives what returns at the first news from now on, at the latest after so many
        seconds."""
        bell: Deferred[None] = Deferred()
        self._bells[payment].add(bell)

        async def wait(seconds: float) -> None:
            if self._hurried:
                return
            timer = self._clock.callLater(seconds, self._ring, payment, bell)
            try:
                await bell
            finally:
                if timer.active():
                    timer.cancel()

        try:
            yield wait
        finally:
            self._quiet(payment, bell)

    def hurry(self) -> None:
        """From now on nobody waits."""
        self._hurried = True
        bells, self._bells = self._bells, defaultdict(set)
        for some in bells.values():
            for bell in some:
                bell.callback(None)

    def _ring(self, payment: PaymentId, bell: Deferred[None]) -> None:
        self._quiet(payment, bell)
        bell.callback(None)

    def _quiet(self, payment: PaymentId, bell: Deferred[None]) -> None:
        some = self._bells.get(payment, set())
        some.discard(bell)
        if not some:
            self._bells.pop(payment, None)

    async def _tell(self, payment: PaymentId, users: Collection[UserId]) -> None:
        try:
            kept = await self._payments.read(payment)
            for user in users:
                self._watchers.tell_payment(user, kept)
            if kept.user in users and kept.credited_at is not None:
                wallet = await self._wallets.wallet(kept.user)
                self._watchers.tell_wallet(kept.user, wallet)
        except Unavailable:
            self.log.info("news of a payment could not be read; they can be asked for")
        except Exception:
            self.log.failure("telling of a payment broke")
