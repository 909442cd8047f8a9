"""What drawing an operator's charts needs of the world."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from zimgpt.domain.figures import Rows, Waited


class Statistics(Protocol):
    """Adds up rows; nothing is changed by it."""

    async def rows(self, begins: datetime, ends: datetime, step: timedelta) -> Rows:
        """What happened between two moments, in steps from the first; steps in which
        nothing did are left out."""
        ...

    async def waited(self, begins: datetime, ends: datetime) -> Waited | None:
        """How long people waited, all between two moments together; None if nobody
        was answered."""
        ...
