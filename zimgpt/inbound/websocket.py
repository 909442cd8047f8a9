"""The websocket door: who may come in, frames in and out, and slow clients.

autobahn keeps the protocol; this module adds what its defaults leave open: an Origin
that is checked even when it is missing, a session behind every socket, and a client
that does not read costing nobody but itself.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from zimgpt.domain.accounts import Session, SessionId
from zimgpt.domain.errors import NotSignedIn, Unavailable
from zimgpt.inbound.identity import COOKIE, Authenticates
from zimgpt.inbound.link import Desk, Link
from zimgpt.wire.session import LARGEST, SUBPROTOCOL

BEARER: Final = "bearer."
STALLED: Final = 30.0
"""Seconds that a client may leave its socket full."""

ONE_READ: Final = 8_192
"""Bytes of one client that are looked at before it is others' turn: Twisted's own
64 KiB hold thousands of small messages, which would keep everybody waiting."""

NOT_TEXT: Final = 1003
SIGNED_OUT: Final = 4401
GOING_AWAY: Final = 1001

HANDSHAKE: Final = (
    "_transport_details",
    "_wskey",
    "http_headers",
    "http_request_data",
    "http_request_host",
    "http_request_params",
    "http_request_path",
    "http_request_uri",
    "http_response_data",
    "http_status_line",
    "websocket_extensions",
    "websocket_protocols",
)
"""What autobahn keeps of a handshake for as long as the socket lives: two kilobytes."""


def text_frame(payload: bytes) -> bytes:
    """An unmasked, unfragmented text frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return b"\x81" + bytes((size,)) + payload
    if size < 65_536:
        return struct.pack("!BBH", 0x81, 126, size) + payload
    return struct.pack("!BBQ", 0x81, 127, size) + payload


@implementer(IPushProducer)
class Socket(WebSocketServerProtocol):
    """One websocket."""

    log = Logger()
    factory: SocketFactory
    transport: Any  # the TCP or TLS transport that twisted.web handed over
    link: Link | None = None
    session: Session | None = None
    clear = True
    _stalled: IDelayedCall | None = None

    # ---- autobahn's calls

    def onConnect(self, request: ConnectionRequest) -> Any:  # noqa: ANN401 - it may wait
        """Lets in who has a session, from a page that is ours."""
        return Deferred.fromCoroutine(self._admit(request))

    def onOpen(self) -> None:
        """The handshake is done."""
        assert self.session is not None, "onConnect denies who has none"
        # twisted.web leaves its own producer here, and with it a whole request.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)
        self.transport.bufferSize = ONE_READ
        for name in HANDSHAKE:
            self.__dict__.pop(name, None)
        link = Link(self.factory.reactor, self.factory.desk, self.session, self)
        self.link = link
        self.factory.sockets.add(self)
        link.opened()

    def onMessage(self, payload: bytes, is_binary: bool) -> None:
        """A message; what still comes from a socket that is closing is not heard."""
        if self.link is None or self.state != self.STATE_OPEN:
            return
        if is_binary:
            self.end(NOT_TEXT, "text frames only")
        else:
            self.link.heard(payload)

    def onClose(self, *_how: object) -> None:
        """The socket is gone."""
        self.factory.sockets.discard(self)
        self._unstall()
        if self.link is not None:
            self.link.closed()
            self.link = None

    # ---- the link's line

    def send(self, payload: bytes) -> None:
        """Sends a message; autobahn's own way costs three times as much."""
        if self.state == self.STATE_OPEN:
            self.transport.write(text_frame(payload))

    # ---- the transport's calls

    def pauseProducing(self) -> None:
        """The client does not read: say no more, and not for ever."""
        self.clear = False
        if self._stalled is None:
            self._stalled = self.factory.reactor.callLater(STALLED, self._give_up)

    def resumeProducing(self) -> None:
        """The client reads again."""
        self.clear = True
        self._unstall()
        if self.link is not None:
            self.link.cleared()

    def stopProducing(self) -> None:
        """The transport is closing; onClose does the rest."""

    # ---- ending

    def end(self, code: int, reason: str) -> None:
        """Closes with any code; ``sendClose`` would refuse 1001."""
        self.sendCloseFrame(code=code, reasonUtf8=reason.encode(), isReply=False)

    def _give_up(self) -> None:
        self._stalled = None
        self.log.info("socket closed: its client does not read")
        self.transport.abortConnection()

    def _unstall(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    # ---- admission

    async def _admit(self, request: ConnectionRequest) -> str:
        if self.factory.closing:
            raise ConnectionDeny(503, "going away")
        if SUBPROTOCOL not in request.protocols:
            raise ConnectionDeny(400, f"subprotocol {SUBPROTOCOL} is required")
        token, programmatic = _token(request)
        origin = request.headers.get("origin")
        if origin not in self.factory.origins and not (programmatic and origin is None):
            raise ConnectionDeny(403, "this page may not connect")
        try:
            self.session = await self.factory.sessions.authenticate(token)
        except NotSignedIn:
            raise ConnectionDeny(401, "please sign in") from None
        except Unavailable:
            raise ConnectionDeny(503, "please try again") from None
        # autobahn would open a socket that was lost meanwhile, and never close it.
        if self.state != self.STATE_CONNECTING or self.factory.closing:
            raise ConnectionDeny(503, "going away")
        return SUBPROTOCOL


def _token(request: ConnectionRequest) -> tuple[str, bool]:
    """The session's token, and whether a program sent it rather than a browser.

    Browsers cannot set Authorization on a websocket; programs in a browser on
    another site pass their token as a second subprotocol.
    """
    for protocol in request.protocols:
        if protocol.startswith(BEARER):
            return protocol.removeprefix(BEARER), True
    authorization = request.headers.get("authorization", "")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return token.strip(), True
    return _cookie(request.headers.get("cookie", "")), False


def _cookie(header: str) -> str:
    """Our cookie among others; the odd ones, that a parser stops at, are not ours."""
    for cookie in header.split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE.decode():
            return value
    return ""


class SocketFactory(WebSocketServerFactory):
    """Every websocket of this node."""

    protocol = Socket  # type: ignore[assignment]  # autobahn's protocols take no factory

    def __init__(
        self,
        reactor: IReactorTime,
        desk: Desk,
        sessions: Authenticates,
        origins: Collection[str],
        *,
        most: int = 12_000,
    ) -> None:
        super().__init__(protocols=[SUBPROTOCOL], server="", reactor=reactor)
        self.desk = desk
        self.sessions = sessions
        self.origins = frozenset(origins)
        self.sockets: set[Socket] = set()
        self.closing = False
        self._set_options(most)

    def _set_options(self, most: int) -> None:
        self.setProtocolOptions(
            maxFramePayloadSize=LARGEST,
            maxMessagePayloadSize=LARGEST,
            maxConnections=most,
            openHandshakeTimeout=5,
            closeHandshakeTimeout=1,
            failByDrop=False,  # a client learns by the close code what it did wrong
            autoPingInterval=20,
            autoPingTimeout=15,
            autoPingSize=12,
            autoPingRestartOnAnyTraffic=True,
            perMessageCompressionAccept=lambda _: None,
            tcpNoDelay=True,
            webStatus=False,
        )
        # autobahn copies every option into every connection whose class lacks it.
        options = {name: getattr(self, name) for name in Socket.CONFIG_ATTRS}
        accept = options["perMessageCompressionAccept"]
        options["perMessageCompressionAccept"] = staticmethod(accept)
        self.protocol = type("Socket", (Socket,), options)  # type: ignore[assignment]

    def end_sessions(self, sessions: Iterable[SessionId]) -> None:
        """Closes the sockets of sessions that were revoked."""
        ended = frozenset(sessions)
        for socket in tuple(self.sockets):
            if socket.session is not None and socket.session.id in ended:
                socket.end(SIGNED_OUT, "signed out")

    def sessions_here(self) -> frozenset[SessionId]:
        """Whose sockets are open."""
        return frozenset(
            socket.session.id for socket in self.sockets if socket.session is not None
        )

    def bye(self, retry: Callable[[], int]) -> None:
        """Tells every client to come back, each after a time of its own."""
        self.closing = True
        for link in [socket.link for socket in self.sockets if socket.link is not None]:
            link.bye(retry())

    def close(self) -> None:
        """Ends every socket."""
        for socket in tuple(self.sockets):
            socket.end(GOING_AWAY, "going away")
