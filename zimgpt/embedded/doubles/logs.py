"""What a double's program says: one line of its own, and nothing of Twisted's."""

from __future__ import annotations

from twisted.logger import ILogObserver, LogEvent, globalLogBeginner
from zope.interface import implementer


def forget() -> None:
    """Events are kept in memory for a log that never begins, unless one does."""
    globalLogBeginner.beginLoggingTo([_forget], redirectStandardIO=False)


@implementer(ILogObserver)
def _forget(event: LogEvent) -> None:
    """Nothing."""
