"""How fast may be sent: to one person, and from one number altogether."""

from __future__ import annotations

from typing import Final

import attrs

EACH: Final = 6.0  # seconds of quota that a message to one person takes
BURST: Final = 45  # messages that may be borrowed within that time
RATE: Final = 80.0  # messages a second of a number, both ways


@attrs.define
class Pair:
    """One number and one person: a burst is paid back before the next message."""

    began: float = 0.0
    sent: int = 0
    free: float = 0.0

    def take(self, now: float) -> bool:
        """Whether one more may be sent."""
        if now >= self.free:
            self.began, self.sent, self.free = now, 1, now + EACH
            return True
        if now - self.began < EACH and self.sent < BURST:
            self.sent += 1
            self.free += EACH
            return True
        return False


@attrs.define
class Throughput:
    """One number."""

    rate: float = RATE
    left: float = RATE
    at: float = 0.0

    def take(self, now: float, *, force: bool = False) -> bool:
        """Whether one more may pass; what comes in is counted and never refused."""
        self.left = min(self.rate, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1 and not force:
            return False
        self.left -= 1
        return True
