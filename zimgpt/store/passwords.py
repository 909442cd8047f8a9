"""Password hashes: argon2id, slow on purpose, so never on the reactor's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from zimgpt.flows.ports import PasswordsBusy

T = TypeVar("T")

THREADS: Final = 2
QUEUE: Final = 50
"""Tries that may wait for a thread: about a second of work."""


def hasher() -> PasswordHasher:
    """Today's parameters, written out: the library's own defaults cost five times
    as much. OWASP Password Storage cheat sheet; ASVS 5.0, 11.4.2."""
    return PasswordHasher(
        time_cost=2,
        memory_cost=19_456,
        parallelism=1,
        hash_len=32,
        salt_len=16,
        type=Type.ID,
    )


def threads(most: int = THREADS) -> ThreadPool:
    """Threads for passwords alone; whoever makes them starts and stops them."""
    return ThreadPool(minthreads=0, maxthreads=most, name="passwords")


class Argon2Passwords:
    """``flows.ports.Passwords``, a bounded number at once and a bounded queue."""

    def __init__(
        self,
        reactor: IReactorFromThreads,
        threads: ThreadPool,
        *,
        argon2: PasswordHasher | None = None,
        most: int = THREADS + QUEUE,
    ) -> None:
        self._reactor = reactor
        self._threads = threads
        self._argon2 = argon2 or hasher()
        self._nobodys = self._argon2.hash("nobody has this password")
        self._most = most
        self._under_way = 0

    async def hash(self, password: str) -> str:
        """A new hash; raises PasswordsBusy when the queue is full."""
        return await self._call(lambda: self._argon2.hash(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it matches. None takes as long and never matches."""
        matches = await self._call(
            lambda: self._matches(password_hash or self._nobodys, password)
        )
        return matches and password_hash is not None

    def outdated(self, password_hash: str) -> bool:
        """Whether it was made with older parameters than today's."""
        return self._argon2.check_needs_rehash(password_hash)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(password_hash, password)
        except VerifyMismatchError:
            return False

    async def _call(self, slow: Callable[[], T]) -> T:
        if self._under_way >= self._most:
            raise PasswordsBusy
        self._under_way += 1
        try:
            result: Deferred[T] = deferToThreadPool(self._reactor, self._threads, slow)
            return await result
        finally:
            self._under_way -= 1
