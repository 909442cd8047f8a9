"""One connection, kept for ever: made again, after a wait, whenever it is lost.

Twisted's ClientService is not used: it hands out a protocol that has just died, and
leaks one whose preparation failed.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final, Generic, Protocol, TypeVar

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

log = Logger()

SHORTEST: Final = 0.2
LONGEST: Final = 5.0
"""Seconds between two tries; each is shortened by up to half, at random, so that
nodes that lost the same server do not come back in step."""

GROWTH: Final = 1.7


class Closed(Exception):  # noqa: N818 - an end, not a fault
    """The connection has been closed on purpose."""


class Link(Protocol):
    """A connection that is ready for use."""

    @property
    def lost(self) -> Deferred[Exception]:
        """Fires, once, with the reason for which it can be used no more."""
        ...

    async def close(self) -> None:
        """Ends it in good order."""
        ...


L = TypeVar("L", bound=Link)


class Supervised(Generic[L]):
    """Holds the living link, and makes the next one."""

    def __init__(
        self,
        clock: IReactorTime,
        connect: Callable[[], Coroutine[Deferred[Any], Any, L]],
        *,
        name: str,
        random: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._connect = connect
        self._name = name
        self._random = random
        self._link: L | None = None
        self._waiting: list[Deferred[L]] = []
        self._stopping = False
        self._keeping: Deferred[None] | None = None

    @property
    def link(self) -> L | None:
        """The living link, if there is one just now."""
        return self._link

    def start(self) -> None:
        """Begins to connect."""
        self._keeping = Deferred.fromCoroutine(self._keep())

    def ready(self) -> Deferred[L]:
        """The living link, or the next one; fails with Closed after ``stop``."""
        if self._link is not None:
            return succeed(self._link)
        waiting: Deferred[L] = Deferred(self._waiting.remove)
        if self._stopping:
            waiting.errback(Closed())
        else:
            self._waiting.append(waiting)
        return waiting

    async def stop(self) -> None:
        """Connects no more, and closes the link in good order."""
        self._stopping = True
        link, self._link = self._link, None
        while self._waiting:
            self._waiting.pop(0).errback(Closed())
        if link is not None:
            await link.close()
        if self._keeping is not None:
            self._keeping.cancel()
            await self._keeping

    async def _keep(self) -> None:
        wait = SHORTEST
        while not self._stopping:
            if await self._hold():
                wait = SHORTEST
            if not self._stopping:
                await self._pause(wait * (1 - self._random() / 2))
                wait = min(wait * GROWTH, LONGEST)

    async def _hold(self) -> bool:
        """One connection from its making to its loss; whether it was ever ready."""
        try:
            link = await self._connect()
        except Exception as error:  # whatever the reason, the next try may succeed
            if not self._stopping:
                log.warn(
                    "cannot reach {name}: {error}", name=self._name, error=_said(error)
                )
            return False
        log.info("connected to {name}", name=self._name)
        await self._use(link)
        return True

    async def _use(self, link: L) -> None:
        self._link = link
        while self._waiting:
            self._waiting.pop(0).callback(link)
        reason = await link.lost
        self._link = None
        if not self._stopping:
            log.warn("lost {name}: {reason}", name=self._name, reason=_said(reason))

    async def _pause(self, seconds: float) -> None:
        pause: Deferred[None] = deferLater(self._clock, seconds)
        # Stopping cancels the wait, which is an end like any other.
        await pause.addErrback(lambda _: None)


def _said(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()
