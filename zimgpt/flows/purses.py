"""News of balances, to the open sockets of their owner on every node.

Only whose they are travels between nodes: each that has a socket of theirs reads the
wallet, so what is told was committed. Lost news do no harm: the next question, or the
next look, tells the balance again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

import attrs
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from zimgpt.domain.accounts import UserId, Wallet
from zimgpt.domain.errors import Unavailable
from zimgpt.flows.ports import Wallets


class Watchers(Protocol):
    """The open sockets of this node."""

    def watching(self, users: Collection[UserId]) -> frozenset[UserId]:
        """Which of these people have one."""
        ...

    def tell_wallet(self, user: UserId, wallet: Wallet) -> None:
        """Says what the balances are, on all of theirs."""
        ...


@attrs.frozen
class Purses:
    """``elsewhere`` passes news on to all other nodes."""

    _wallets: Wallets
    _watchers: Watchers
    _elsewhere: Callable[[UserId], None]

    log = Logger()

    def changed(self, user: UserId, wallet: Wallet) -> None:
        """Balances were changed here, and are these now."""
        self._elsewhere(user)
        self._watchers.tell_wallet(user, wallet)

    def heard(self, user: UserId) -> None:
        """Balances were changed elsewhere."""
        if self._watchers.watching((user,)):
            Deferred.fromCoroutine(self._tell(user))

    async def _tell(self, user: UserId) -> None:
        try:
            self._watchers.tell_wallet(user, await self._wallets.wallet(user))
        except Unavailable:
            self.log.info("a balance could not be read; it can be asked for")
        except Exception:
            self.log.failure("telling of a balance broke")
