"""Ctrl-C and its kin: once to stop in order, twice to hurry."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop; like KeyboardInterrupt, nothing else catches it."""


class Stopping:
    """Knows how often we were asked."""

    def __init__(self) -> None:
        self._asked = 0
        self._at_end = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Within it the first signal raises Stopped, wherever we are."""
        before = {number: signal.signal(number, self._hear) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def at_end(self) -> None:
        """From here on signals raise nothing: everything is being ended already."""
        self._at_end = True

    def hurried(self) -> bool:
        """Whether we were asked again."""
        return self._asked > 1

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._asked += 1
        if self._asked == 1 and not self._at_end:
            raise Stopped
