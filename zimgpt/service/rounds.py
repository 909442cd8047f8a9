"""What a node does again and again, until it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from zimgpt.domain.errors import Unavailable


class Rounds:
    """Timers that outlive a bad round, and a database that is away."""

    log = Logger()

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._timers: list[LoopingCall] = []

    def every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Does it, for the first time after so many seconds; never twice at once."""
        call = LoopingCall(lambda: Deferred.fromCoroutine(self._once(work)))
        call.clock = self._clock
        call.start(seconds, now=False)
        self._timers.append(call)

    def stop(self) -> None:
        """Begins nothing any more."""
        while self._timers:
            self._timers.pop().stop()

    async def _once(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Unavailable:
            self.log.warn("the database is away")
        except Exception:  # a timer must not end by one bad round
            self.log.failure("a round of upkeep broke")
