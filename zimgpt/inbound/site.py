"""The HTTP server as strangers meet it: what Twisted leaves open, closed.

Twisted's own limits are an idle time, which one byte a second never reaches, and no
limit at all on a body. Here a whole request has 20 seconds and 64 KiB, and what is
refused is refused from its headers, before the body is read.
"""

# Methods that ours inherit from Twisted have no annotations.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import re
from io import BytesIO
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime
from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web import server
from twisted.web.http import RESPONSES, HTTPChannel
from twisted.web.http import Request as HTTPRequest
from twisted.web.http_headers import Headers
from twisted.web.resource import IResource

from zimgpt.domain.errors import BadRequest, Refusal
from zimgpt.domain.rates import TooFast
from zimgpt.inbound.addresses import host_of
from zimgpt.inbound.answered import Answered
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.refusals import (
    Broken,
    NotJson,
    TooLarge,
    TooSlow,
    body_of,
    refuse,
    status_of,
)

LARGEST: Final = 65_536  # bytes of a body
WEBHOOKS: Final = b"/webhooks/"
LARGEST_WEBHOOK: Final = 4 * 1024 * 1024
"""Others post in batches; whoever is not one of them is told so by the signature."""
PAYNOW: Final = b"/webhooks/paynow/"
LARGEST_CALLBACK: Final = 16_384
"""A dozen short fields."""
READ_WITHIN: Final = 20  # seconds from the first byte of a request to its last
IDLE: Final = 15  # seconds without a byte
LINGER: Final = 2  # seconds a refused client has to read why

log = Logger()

HOST: Final = re.compile(
    rb"(?:[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*|\[[0-9A-Fa-f:.]{2,45}\])"
    rb"(?::[0-9]{1,5})?"
)


class Shut(Protocol):
    """A connection that is one too many: cut at once, which costs the least."""

    def connectionMade(self) -> None:
        """Cuts it; TLS would not let the factory simply decline."""
        transport: Any = self.transport
        transport.abortConnection()


class Channel(HTTPChannel):
    """One connection."""

    maxHeaders = 100
    totalHeadersSize = 16_384
    abortTimeout = LINGER

    site: Site
    transport: Any  # TCP or TLS
    _deadline: IDelayedCall | None = None
    _answering = False
    _refused = False

    def dataReceived(self, data: bytes) -> None:
        """Starts the request's clock with its first byte."""
        if self._refused:
            return
        if self._deadline is None and not self._answering:
            self._deadline = self.site.reactor.callLater(READ_WITHIN, self._too_slow)
        super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        """Refuses folded headers, which others read differently (RFC 9112, 5.2)."""
        if self._refused:
            return
        if line[:1] in (b" ", b"\t"):
            self.refuse(BadRequest())
        else:
            super().lineReceived(line)

    def headerReceived(self, line: bytes) -> bool:
        """One header; False, and refused, if it cannot be read."""
        try:
            readable: bool = super().headerReceived(line)
        except ValueError:  # a length of more digits than Python reads
            self.refuse(BadRequest())
            return False
        return readable

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002
        """A line that no request of ours has."""
        self.refuse(BadRequest())

    def allHeadersReceived(self) -> None:
        """Decides from the headers whether the body is wanted."""
        encodings = self.requests[-1].requestHeaders.getRawHeaders(
            b"Content-Encoding", [b"identity"]
        )
        if self.length is not None and self.length > self.largest:
            self.refuse(TooLarge())
        elif encodings != [b"identity"]:
            self.refuse(NotJson())
        else:
            super().allHeadersReceived()

    @property
    def largest(self) -> int:
        """Bytes that the body of this request may have."""
        path = getattr(self, "_path", b"")  # Twisted's name for what the first line has
        if path.startswith(PAYNOW):
            return LARGEST_CALLBACK
        return LARGEST_WEBHOOK if path.startswith(WEBHOOKS) else LARGEST

    def rawDataReceived(self, data: bytes) -> None:
        """A part of the body."""
        if not self._refused:
            super().rawDataReceived(data)

    def allContentReceived(self) -> None:
        """The request is whole."""
        if self._refused:
            return
        self._stop_clock()
        self._answering = True
        super().allContentReceived()

    def requestDone(self, request: HTTPRequest) -> None:
        """The request is answered; another may follow."""
        self._answering = False
        super().requestDone(request)

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        """The client has gone."""
        self._stop_clock()
        self.site.gate.disconnected(host_of(self.transport.getPeer()))
        super().connectionLost(reason)

    def refuse(self, refusal: Refusal) -> None:
        """Answers before the request is whole, reads no more and hangs up.

        Closing at once, with bytes unread, would make the client's side drop the
        answer, too: it gets a moment to read it.
        """
        if self._refused:
            return
        self._refused = True
        self.setTimeout(None)
        self._stop_clock()
        body = body_of(refusal)
        headers = Headers()
        for name, value in self.site.headers:
            headers.addRawHeader(name, value)
        headers.addRawHeader(b"Content-Type", b"application/json")
        headers.addRawHeader(b"Content-Length", b"%d" % len(body))
        headers.addRawHeader(b"Connection", b"close")
        status = status_of(refusal)
        self.writeHeaders(b"HTTP/1.1", b"%d" % status, RESPONSES[status], headers)
        self.write(body)
        self.transport.pauseProducing()
        self._deadline = self.site.reactor.callLater(LINGER, self._hang_up)

    def _respondToBadRequestAndDisconnect(self) -> None:
        # Twisted's name. Its own goes on parsing, and may answer twice.
        self.refuse(BadRequest())

    def _too_slow(self) -> None:
        self._deadline = None
        self.refuse(TooSlow())

    def _hang_up(self) -> None:
        self._deadline = None
        self.transport.abortConnection()

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Exchange(server.Request):
    """A request and its answer."""

    defaultContentType = None
    channel: Channel
    _size = 0
    _since = 0.0

    def gotLength(self, length: int | None) -> None:  # noqa: ARG002
        """Keeps the body in memory: it is small."""
        self.content = BytesIO()

    def handleContentChunk(self, data: bytes) -> None:
        """Counts what a client sends without saying how much it will be."""
        self._size += len(data)
        if self._size > self.channel.largest:
            self.channel.refuse(TooLarge())
        else:
            super().handleContentChunk(data)

    def process(self) -> None:
        """Finds and renders the resource."""
        self.site = self.channel.site
        self._since = self.channel.site.reactor.seconds()
        for name, value in self.channel.site.headers:
            self.setHeader(name, value)
        gate = self.channel.site.gate
        try:
            if not self.path.startswith(
                WEBHOOKS
            ):  # all of them come from few addresses
                gate.request(gate.address(self))
            if not self._well_formed():
                raise BadRequest
        except (BadRequest, TooFast) as refusal:
            self.write(refuse(self, refusal))
            self.finish()
        else:
            super().process()

    def write(self, data: bytes) -> None:
        """Sends a part of the answer; its first also sends the headers."""
        if not self.startedWriting:
            self.responseHeaders.removeHeader(b"Server")
        super().write(data)

    def finish(self) -> None:
        """The answer is whole."""
        site = self.channel.site
        took = site.reactor.seconds() - self._since
        site.answered.note(self.code, took, webhook=self.path.startswith(WEBHOOKS))
        super().finish()

    def processingFailed(self, reason: Failure) -> Failure:
        """Says that something went wrong, and nothing more."""
        log.failure("a request went wrong", reason)
        if self.startedWriting:
            self.loseConnection()
        else:
            self.write(refuse(self, Broken()))
            self.finish()
        return reason

    def _well_formed(self) -> bool:
        """A path of UTF-8, without the host, which is named once."""
        hosts = self.requestHeaders.getRawHeaders(b"Host", [])
        if len(hosts) > 1 or (not hosts and self.clientproto == b"HTTP/1.1"):
            return False
        if hosts and not HOST.fullmatch(hosts[0]):
            return False
        path = unquote_to_bytes(self.path)
        try:
            path.decode()
        except UnicodeDecodeError:
            return False
        return path.startswith(b"/") and b"\x00" not in path


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
