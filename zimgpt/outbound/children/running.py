"""Children as the server sees them: bytes go in, bytes and a status come out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.error import ProcessDone
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

import zimgpt

T = TypeVar("T")

ROOT: Final = Path(zimgpt.__file__).parents[1]


class Crowded(Exception):  # noqa: N818 - an answer, not a fault
    """Too many wait for their turn already."""


@attrs.define(kw_only=True)
class Children:
    """Runs a program of ours, a few at the same time; others wait for their turn.

    ``program`` is what Python is told to run. It has so many ``seconds`` on the clock,
    and whoever says more than ``most_said`` bytes is not our program any more.
    """

    _reactor: Any
    _program: tuple[str, ...]
    _seconds: float
    _most_said: int
    _at_once: int = 2
    _most_waiting: int = 1_000
    _waiting: int = 0
    _turns: DeferredSemaphore = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._turns = DeferredSemaphore(self._at_once)

    async def asked(self, content: bytes) -> tuple[bytes, int | None]:
        """What it said and its exit status, None when it was killed; raises Crowded."""
        if self._waiting >= self._most_waiting:
            raise Crowded
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            return await self._run(content)
        finally:
            self._turns.release()

    def _run(self, content: bytes) -> Deferred[tuple[bytes, int | None]]:
        child = _Child(content, self._most_said)
        # It goes to / by itself: given a folder here, it would be forked, not spawned,
        # and a fork stalls a large server while its page tables are copied.
        self._reactor.spawnProcess(
            child,
            sys.executable,
            [sys.executable, "-P", "-s", *self._program],
            env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        timer = self._reactor.callLater(self._seconds, child.kill)

        def ended(result: T) -> T:
            if timer.active():
                timer.cancel()
            return result

        return child.ended.addBoth(ended)


class _Child(ProcessProtocol):
    """Gets its work, says what came of it, and ends."""

    transport: Any  # Twisted's, without a type for processes

    def __init__(self, content: bytes, most_said: int) -> None:
        self.ended: Deferred[tuple[bytes, int | None]] = Deferred(lambda _: self.kill())
        self._content = content
        self._most_said = most_said
        self._said = bytearray()

    def connectionMade(self) -> None:
        """It has begun."""
        self.transport.write(self._content)
        self.transport.closeStdin()

    def outReceived(self, data: bytes) -> None:
        """What came of it, in pieces."""
        self._said += data
        if len(self._said) > self._most_said:
            self.kill()

    def errReceived(self, data: bytes) -> None:
        """What libraries think of strange files is for nobody."""

    def kill(self) -> None:
        """Ends it at once, if it has not ended."""
        if self.transport.pid is not None:
            self.transport.signalProcess("KILL")

    def processEnded(self, reason: Failure) -> None:
        """It is gone; the status is None when it was killed."""
        status = (
            0 if reason.check(ProcessDone) else getattr(reason.value, "exitCode", 1)
        )
        if not self.ended.called:
            self.ended.callback((bytes(self._said), status))
