"""HTTP connections as a node sees them that is about to end: none is cut off.

A planned restart finishes every request whose connection was accepted. From then on
each answer says that it is its connection's last, so that whoever keeps connections
opens the next one elsewhere, or to this node's next life.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from twisted.python.failure import Failure
from twisted.web.http import Request

from zimgpt.inbound.channel import Channel
from zimgpt.inbound.site import Site


class Visits:
    """A site's connections. Websockets, which begin as such, are not among them."""

    def __init__(self) -> None:
        self._channels: WeakSet[Visit] = WeakSet()
        self.leaving = False

    def watch(self, site: Site) -> None:
        """From now on, those of this site."""
        site.protocol = lambda: Visit(self)  # type: ignore[assignment]

    @property
    def open(self) -> int:
        """Connections on which a request is or may still be made."""
        return sum(one.here for one in self._channels)

    @property
    def busy(self) -> int:
        """Those with a request under way."""
        return sum(one.answering for one in self._channels)

    def leave(self) -> None:
        """Every answer is its connection's last."""
        self.leaving = True
        for one in tuple(self._channels):
            one.leave()

    def hang_up(self) -> None:
        """Ends the connections on which nothing is under way."""
        for one in tuple(self._channels):
            if one.here and not one.answering:
                one.loseConnection()  # type: ignore[no-untyped-call]

    def came(self, visit: Visit) -> None:
        """A connection was made."""
        self._channels.add(visit)

    def went(self, visit: Visit) -> None:
        """It has ended."""
        self._channels.discard(visit)


class Visit(Channel):
    """One connection."""

    def __init__(self, visits: Visits) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._visits = visits

    def connectionMade(self) -> None:
        """Somebody came."""
        super().connectionMade()  # type: ignore[no-untyped-call]
        self._visits.came(self)

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        """They went."""
        self._visits.went(self)
        super().connectionLost(reason)

    def checkPersistence(self, request: Request, version: bytes) -> bool:
        """Whether another request may follow this one."""
        lasting: Any = super().checkPersistence(request, version)  # type: ignore[no-untyped-call]
        if lasting and self._visits.leaving:
            _say_last(request)
            return False
        return bool(lasting)

    @property
    def here(self) -> bool:
        """Whether it is open, and not a websocket by now."""
        return self.transport is not None

    @property
    def answering(self) -> bool:
        """Whether a request is being read or answered."""
        return self.here and bool(self.requests)

    def leave(self) -> None:
        """What is being answered is the last; nothing yet: what comes next."""
        for request in self.requests:
            self.persistent = False
            if not request.startedWriting:
                _say_last(request)


def _say_last(request: Request) -> None:
    request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
