"""How late the reactor is: whatever holds it up makes everybody wait."""

from __future__ import annotations

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from zimgpt.domain.histograms import TURNS, Histogram

EVERY = 0.5
"""Seconds between two looks."""


class Lag:
    """Sets an alarm clock again and again, and notes how late it rings."""

    def __init__(self, clock: IReactorTime) -> None:
        self.late = Histogram(TURNS)
        self._clock = clock
        self._alarm: IDelayedCall | None = None

    def start(self) -> None:
        """Begins, and goes on until ``stop``."""
        due = self._clock.seconds() + EVERY
        self._alarm = self._clock.callLater(EVERY, self._ring, due)

    def stop(self) -> None:
        """Sets no more alarms."""
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()

    def _ring(self, due: float) -> None:
        self.late.add(self._clock.seconds() - due)
        self.start()
