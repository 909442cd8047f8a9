"""Answers of others' services, read whole and within bounds."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.iweb import IResponse


class BodyLost(Exception):  # noqa: N818 - named for what happened
    """An answer that broke off, or is too large."""


class BodyTooLarge(BodyLost):
    """An answer of more bytes than anybody wants."""


class Body(Protocol):
    """Collects an answer of at most so many bytes; ``read`` fails with BodyLost."""

    transport: Any  # a proxy without an interface of its own

    def __init__(self, most: int) -> None:
        self.read: Deferred[bytes] = Deferred(lambda _: self._abort())
        self._most = most
        self._parts: list[bytes] = []
        self._size = 0

    def dataReceived(self, data: bytes) -> None:
        """Keeps it, within bounds."""
        self._parts.append(data)
        self._size += len(data)
        if self._size > self._most:
            self._end(Failure(BodyTooLarge("the answer is too large")))
            self._abort()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is whole, or broke off."""
        if reason.check(ResponseDone, PotentialDataLoss):
            self._end(b"".join(self._parts))
        else:
            self._end(Failure(BodyLost("the answer broke off")))

    def _end(self, result: bytes | Failure) -> None:
        if not self.read.called:
            self.read.callback(result)

    def _abort(self) -> None:
        hang_up(self.transport)


def hang_up(transport: object) -> None:
    """Closes the connection under a response's body, at once.

    Twisted shows it through a proxy without abortConnection, and the proxy's
    loseConnection waits for a TLS peer's goodbye, which a hung or paused one never
    says. After the response the proxy has nothing behind it.
    """
    real: Any = getattr(transport, "_producer", transport)
    if real is not None:
        real.abortConnection()


def leave(response: IResponse) -> None:
    """Gives up a connection on which nobody wants to read the rest."""
    body = Body(0)
    body.read.addErrback(lambda _: None)
    response.deliverBody(body)
    body.read.cancel()
