"""One websocket: who may come in, frames in and out, and a slow client.

autobahn keeps the protocol; this module adds what its defaults leave open: an Origin
that is checked even when it is missing, a session behind every socket, and a client
that does not read costing nobody but itself.
"""

from __future__ import annotations

from socket import SO_SNDBUF, SOL_SOCKET
from typing import TYPE_CHECKING, Any, Final

from autobahn.twisted.websocket import WebSocketServerProtocol
from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from zimgpt.domain.accounts import Session
from zimgpt.domain.errors import NotSignedIn, Unavailable
from zimgpt.domain.texts import Language
from zimgpt.inbound.addresses import host_of
from zimgpt.inbound.framing import text_frame
from zimgpt.inbound.handshakes import HANDSHAKE, address_of, token_of
from zimgpt.inbound.languages import preferred
from zimgpt.inbound.limits import TooManySockets
from zimgpt.inbound.link import Link
from zimgpt.wire.session import SUBPROTOCOL

if TYPE_CHECKING:  # the factory makes what is here
    from zimgpt.inbound.sockets import SocketFactory

STALLED: Final = 30.0
"""Seconds that a client may leave its socket full."""

ONE_READ: Final = 8_192
"""Bytes of one client that are looked at before it is others' turn: Twisted's own
64 KiB hold thousands of small messages, which would keep everybody waiting."""

MOST_WAITING: Final = 262_144
"""Bytes that wait here for one client, at most: text stops long before, but pongs and
refusals are answers to a client that goes on asking without reading."""

KERNEL: Final = 65_536
"""Bytes that the kernel should hold for one client, of which it makes twice as many.
Left alone it takes megabytes, and a client that has stopped reading shows only when
those are full."""

PARTS: Final = 64
"""Frames of one message; each costs memory, even when it is empty."""

AGAIN: Final = (("Retry-After", "5"),)

NOT_TEXT: Final = 1003
TOO_BIG: Final = 1009


@implementer(IPushProducer)
class Socket(WebSocketServerProtocol):
    """One websocket."""

    log = Logger()
    factory: SocketFactory
    transport: Any  # the TCP or TLS transport that twisted.web handed over
    link: Link | None = None
    session: Session | None = None
    address: str | None = None
    language = Language.ENGLISH
    clear = True
    _cut = False
    _waiting = 0
    _parts = 0
    _stalled: IDelayedCall | None = None

    # ---- autobahn's calls

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection, which twisted.web had counted, has gone."""
        self.factory.gate.disconnected(host_of(self.transport.getPeer()))
        super().connectionLost(reason)

    def sendData(self, data: bytes, *_how: object) -> None:
        """Whatever autobahn says: pongs, close frames, the handshake."""
        self._write(data)

    def failHandshake(self, reason: str, code: int = 400, *_more: object) -> None:
        """Refuses, and says when to come back if that may help."""
        super().failHandshake(reason, code, AGAIN if code in (429, 503) else None)

    def onMessageFrame(self, payload: Any) -> None:  # noqa: ANN401 - a list of bytes
        """A frame of a message, of which there may not be any number."""
        self._parts += 1
        if self._parts > PARTS:
            self._fail_connection(TOO_BIG, f"a message has at most {PARTS} frames")
        super().onMessageFrame(payload)

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
        self.transport.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, KERNEL)
        for name in HANDSHAKE:
            self.__dict__.pop(name, None)
        factory, session = self.factory, self.session
        link = Link(
            factory.reactor, factory.desk, session, self, factory.gate, self.language
        )
        self.link = link
        factory.opened(self, link)
        factory.gate.opened(session.user, self.address)
        link.opened()

    def onMessage(self, payload: bytes, is_binary: bool) -> None:
        """A message; what still comes from a socket that is closing is not heard."""
        self._parts = 0
        if self.link is None or self.state != self.STATE_OPEN:
            return
        if is_binary:
            self.end(NOT_TEXT, "text frames only")
        else:
            self.link.heard(payload)

    def onClose(self, *_how: object) -> None:
        """The socket is gone."""
        self.factory.closed(self)
        self._unstall()
        if self.link is not None:
            self.factory.gate.closed(self.link.session.user, self.address)
            self.link.closed()
            self.link = None

    # ---- the link's line

    def send(self, payload: bytes) -> None:
        """Sends a message; autobahn's own way costs three times as much."""
        if self.state == self.STATE_OPEN:
            self._write(text_frame(payload))

    def _write(self, data: bytes) -> None:
        if self._waiting + len(data) > MOST_WAITING:
            self._give_up()
            return
        self.transport.write(data)
        if not self.clear:  # from here on, or since long
            self._waiting += len(data)

    # ---- the transport's calls

    def pauseProducing(self) -> None:
        """The client does not read: say no more, and not for ever."""
        self.clear = False
        if self._stalled is None:
            self._stalled = self.factory.reactor.callLater(STALLED, self._give_up)

    def resumeProducing(self) -> None:
        """The client reads again."""
        self.clear = True
        self._waiting = 0
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
        self._unstall()
        if not self._cut:
            self._cut = True
            self.log.info("socket closed: its client does not read")
            self.transport.abortConnection()

    def _unstall(self) -> None:
        if self._stalled is not None:
            if self._stalled.active():
                self._stalled.cancel()
            self._stalled = None

    # ---- admission

    async def _admit(self, request: ConnectionRequest) -> str:
        if self.factory.closing:
            raise ConnectionDeny(503, "going away")
        if SUBPROTOCOL not in request.protocols:
            raise ConnectionDeny(400, f"subprotocol {SUBPROTOCOL} is required")
        token, programmatic = token_of(request)
        origin = request.headers.get("origin")
        self.language = preferred(request.headers.get("accept-language", ""))
        if not self.factory.welcomes(origin, programmatic=programmatic):
            raise ConnectionDeny(403, "this page may not connect")
        try:
            self.session = await self.factory.sessions.authenticate(token)
            self._room(request)
        except NotSignedIn:
            raise ConnectionDeny(401, "please sign in") from None
        except Unavailable:
            raise ConnectionDeny(503, "please try again") from None
        except TooManySockets as refusal:
            raise ConnectionDeny(429, refusal.message) from None
        # autobahn would open a socket that was lost meanwhile, and never close it.
        if self.state != self.STATE_CONNECTING or self.factory.closing:
            raise ConnectionDeny(503, "going away")
        return SUBPROTOCOL

    def _room(self, request: ConnectionRequest) -> None:
        """Raises TooManySockets."""
        assert self.session is not None, "whose sockets are counted"
        gate, peer = self.factory.gate, host_of(self.transport.getPeer())
        self.address = address_of(request, peer, gate.proxies)
        gate.opening(self.session.user, self.address)
