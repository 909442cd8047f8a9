"""A node's process: it can be killed or stopped at any moment, its timers with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import Clock
from zope.interface import implementer


@implementer(IDelayedCall)
class Timer:
    """A timer that only goes off in a process which lives, and does not stand still."""

    def __init__(self, process: Process, delay: float, act: Callable[[], Any]) -> None:
        self._process = process
        self._act = act
        self._call = process.time.callLater(delay, self._due)

    def _due(self) -> None:
        process = self._process
        if process.dead:
            return
        left = process.thaws - process.time.seconds()
        if left > 0:
            self._call = process.time.callLater(left, self._due)
        else:
            self._act()

    def active(self) -> bool:
        """Whether it has still to go off."""
        return bool(self._call.active())

    def cancel(self) -> None:
        """It will not go off."""
        self._call.cancel()

    def getTime(self) -> float:
        """When it goes off."""
        return float(self._call.getTime())

    def reset(self, secondsFromNow: float) -> None:
        """It goes off so much later than now."""
        self._call.reset(secondsFromNow)

    def delay(self, secondsLater: float) -> None:
        """It goes off later."""
        self._call.delay(secondsLater)


@implementer(IReactorTime)
class Process:
    """One life of a node, and its clock."""

    def __init__(self, time: Clock) -> None:
        self.time = time
        self.dead = False
        self.thaws = 0.0
        """Until then it stands still: nothing in it moves, and it does not know."""
        self._waiting: set[Deferred[None]] = set()

    def seconds(self) -> float:
        """The time."""
        return float(self.time.seconds())

    def callLater(
        self,
        delay: float,
        callable: Callable[..., Any],
        *args: object,
        **kw: object,
    ) -> Timer:
        """A timer of this process."""
        return Timer(self, delay, lambda: callable(*args, **kw))

    def getDelayedCalls(self) -> list[IDelayedCall]:
        """Nobody asks."""
        raise NotImplementedError

    def pause(self, seconds: float) -> Deferred[None]:
        """Time passes in this process; when it has died, for ever."""
        # Kept until the end of the world: what is collected earlier would run its
        # ``finally`` at a moment that no seed decides.
        waiting: Deferred[None] = Deferred(lambda _: timer.cancel())
        timer = self.callLater(seconds, self._over, waiting)
        self._waiting.add(waiting)
        return waiting

    def _over(self, waiting: Deferred[None]) -> None:
        self._waiting.discard(waiting)
        waiting.callback(None)
