"""The process that a node runs in: its clock, its signals and its exit status."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import time
from contextlib import suppress
from typing import Any, Protocol

from twisted.internet.error import ReactorNotRunning
from twisted.logger import Logger

BROKEN = 1
"""The exit status of a node that could not start."""


class Stoppable(Protocol):
    """What a process must know of its node."""

    broken: bool

    def hurry(self) -> None:
        """Ends without waiting for anything."""
        ...


def steady(reactor: Any) -> None:  # noqa: ANN401
    """Lets timers run by a clock that does not jump.

    Twisted's reactors go by the time of day: set back by ten minutes, they would renew
    no lease for so long; set forward, they would find every client too slow. Nothing
    may have been scheduled before.
    """
    reactor.seconds = time.monotonic


class Process:
    """SIGTERM and SIGINT end the node in good order, with status 0; twistd's own way
    ends by the signal, which a supervisor takes for a crash. The second one hurries.
    """

    log = Logger()

    def __init__(self, reactor: Any, node: Stoppable) -> None:  # noqa: ANN401
        self._reactor = reactor
        self._node = node
        self._told = False

    def begin(self) -> None:
        """To be called before the reactor runs."""
        self._reactor.callWhenRunning(self._mind_signals)  # after the reactor's own
        atexit.register(self._end)

    def _mind_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)

    def _signalled(self, number: int, _frame: object) -> None:
        self._reactor.callFromThread(self._stop, signal.Signals(number).name)

    def _stop(self, name: str) -> None:
        if self._told:
            self.log.info("{signal} again: no more waiting", signal=name)
            self._node.hurry()
            return
        self._told = True
        self.log.info("{signal}: stopping", signal=name)
        with suppress(ReactorNotRunning):  # it is on its way out by itself
            self._reactor.stop()

    def _end(self) -> None:
        # twistd has no way to end with another status than 0 when its reactor was
        # stopped in good order. All else is done by now.
        if self._node.broken:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(BROKEN)
