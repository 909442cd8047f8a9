"""The HTTP server as strangers meet it: what Twisted leaves open, closed.

Twisted's own limits are an idle time, which one byte a second never reaches, and no
limit at all on a body. Here a whole request has 20 seconds and 64 KiB, and what is
refused is refused from its headers, before the body is read.
"""

# Methods that ours inherit from Twisted have no annotations.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from typing import Any, Final

from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import Protocol
from twisted.web import server
from twisted.web.http import Request as HTTPRequest
from twisted.web.resource import IResource

from zimgpt.inbound.addresses import host_of
from zimgpt.inbound.answered import Answered
from zimgpt.inbound.channel import Channel
from zimgpt.inbound.exchange import Exchange
from zimgpt.inbound.limits import Gate

IDLE: Final = 15  # seconds without a byte


class Shut(Protocol):
    """A connection that is one too many: cut at once, which costs the least."""

    def connectionMade(self) -> None:
        """Cuts it; TLS would not let the factory simply decline."""
        transport: Any = self.transport
        transport.abortConnection()


class Site(server.Site):
    """Serves ``root`` with these headers on every response."""

    protocol = Channel  # type: ignore[assignment]  # HTTP/1.1 alone, no proxy in between
    requestFactory = Exchange

    def __init__(
        self,
        root: IResource,
        reactor: IReactorTime,
        headers: tuple[tuple[bytes, bytes], ...],
        gate: Gate,
    ) -> None:
        super().__init__(
            root, reactor=reactor, timeout=IDLE, parsePOSTFormSubmission=False
        )
        self.headers = headers
        self.gate = gate
        self.answered = Answered()

    def buildProtocol(self, addr: IAddress | None) -> Any:  # noqa: ANN401 - not HTTP alone
        """A channel; for one connection too many something that ends it."""
        if not self.gate.connected(host_of(addr)):
            return Shut()
        return super().buildProtocol(addr)

    def startFactory(self) -> None:
        """Opens no access log: paths and queries are people's own business."""

    def stopFactory(self) -> None:
        """Has nothing to close."""

    def log(self, request: HTTPRequest) -> None:
        """Writes nothing."""

    def acceptableProtocols(self) -> list[bytes]:
        """Over TLS, too, HTTP/1.1 alone: these limits are not made for HTTP/2."""
        return [b"http/1.1"]


def make_site(
    root: IResource,
    reactor: IReactorTime,
    headers: tuple[tuple[bytes, bytes], ...],
    gate: Gate | None = None,
) -> Site:
    """The factory to listen with; ``headers`` are those of ``surface.Surface``, and
    ``gate`` counts for this site and its websockets together."""
    return Site(root, reactor, headers, gate or Gate(reactor.seconds))
