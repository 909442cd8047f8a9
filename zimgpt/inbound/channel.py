"""One connection of a client: what a request may take, until it is whole.

What is refused is refused from its headers, before its body is read.
"""

# Methods that ours inherit from Twisted have no annotations.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure
from twisted.web.http import RESPONSES, HTTPChannel
from twisted.web.http import Request as HTTPRequest
from twisted.web.http_headers import Headers

from zimgpt.domain.errors import BadRequest, Refusal
from zimgpt.inbound.addresses import host_of
from zimgpt.inbound.dialects import told
from zimgpt.inbound.refusals import NotJson, TooLarge, TooSlow, status_of

if TYPE_CHECKING:
    from zimgpt.inbound.site import Site

LARGEST: Final = 65_536  # bytes of a body
WEBHOOKS: Final = b"/webhooks/"
LARGEST_WEBHOOK: Final = 4 * 1024 * 1024
"""Others post in batches; whoever is not one of them is told so by the signature."""
PAYNOW: Final = b"/webhooks/paynow/"
LARGEST_CALLBACK: Final = 16_384
"""A dozen short fields."""
READ_WITHIN: Final = 20  # seconds from the first byte of a request to its last
LINGER: Final = 2  # seconds a refused client has to read why


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
        if self.path.startswith(PAYNOW):
            return LARGEST_CALLBACK
        return LARGEST_WEBHOOK if self.path.startswith(WEBHOOKS) else LARGEST

    @property
    def path(self) -> bytes:
        """The path of the request that is read; empty before its first line is."""
        path: bytes = getattr(self, "_path", b"")  # Twisted's name
        return path

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
        body = told(self.path, refusal)
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
