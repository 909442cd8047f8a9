"""What has happened, in order: the same for the same seed."""

from __future__ import annotations

import hashlib

from twisted.internet.task import Clock


class History:
    """Lines of a world's events."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.lines: list[str] = []

    def note(self, who: str, what: str) -> None:
        """Writes down one event."""
        self.lines.append(f"{self._clock.seconds():10.4f} {who}: {what}")

    def digest(self) -> str:
        """A name for the whole history."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()
