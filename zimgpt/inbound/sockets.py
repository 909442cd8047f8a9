"""Every websocket of a node: its bounds, and what is told to people through them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from autobahn.twisted.websocket import WebSocketServerFactory
from twisted.internet.interfaces import IReactorTime

from zimgpt.domain.accounts import SessionId, UserId, Wallet
from zimgpt.domain.conversations import Begun, Replaced
from zimgpt.flows.ports.topups import Kept
from zimgpt.inbound.counter import Desk
from zimgpt.inbound.identity import Authenticates
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.link import Link
from zimgpt.inbound.websocket import Socket
from zimgpt.wire.session import LARGEST, SUBPROTOCOL

SIGNED_OUT: Final = 4401
GOING_AWAY: Final = 1001


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
        guests: Collection[str] = (),
        gate: Gate | None = None,
        most: int = 12_000,
    ) -> None:
        super().__init__(protocols=[SUBPROTOCOL], server="", reactor=reactor)
        self.desk = desk
        self.sessions = sessions
        self.origins = frozenset(origins)
        self.guests: frozenset[str | None] = frozenset((None, *guests))
        """Who else may connect, with a token: programs, pages of other sites."""
        self.gate = gate or Gate(reactor.seconds)
        self.sockets: set[Socket] = set()
        self._of: dict[UserId, dict[Socket, Link]] = {}
        self.closing = False
        self._set_options(most)

    def welcomes(self, origin: str | None, *, programmatic: bool) -> bool:
        """Whether this page, or a program, may connect."""
        return origin in self.origins or (programmatic and origin in self.guests)

    def _set_options(self, most: int) -> None:
        self.setProtocolOptions(
            maxFramePayloadSize=LARGEST,
            maxMessagePayloadSize=LARGEST,
            maxConnections=most,
            openHandshakeTimeout=5,
            closeHandshakeTimeout=1,
            failByDrop=False,  # a client learns by the close code what it did wrong
            autoPingInterval=20,
            autoPingTimeout=10,
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

    def opened(self, socket: Socket, link: Link) -> None:
        """A socket that from now on is told what concerns its person."""
        self.sockets.add(socket)
        self._of.setdefault(link.session.user, {})[socket] = link

    def closed(self, socket: Socket) -> None:
        """A socket that has gone, if it ever was open."""
        self.sockets.discard(socket)
        if socket.link is None:
            return
        user = socket.link.session.user
        theirs = self._of.get(user, {})
        theirs.pop(socket, None)
        if not theirs:
            self._of.pop(user, None)

    def end_sessions(self, sessions: Iterable[SessionId]) -> None:
        """Closes the sockets of sessions that were revoked."""
        ended = frozenset(sessions)
        for socket in tuple(self.sockets):
            if socket.session is not None and socket.session.id in ended:
                socket.end(SIGNED_OUT, "signed out")

    def watching(self, users: Collection[UserId]) -> frozenset[UserId]:
        """Which of these people have a socket open."""
        return frozenset(user for user in users if user in self._of)

    def tell_payment(self, user: UserId, kept: Kept) -> None:
        """Says how a payment stands, on all of theirs."""
        for link in self._links((user,)):
            link.payment(kept)

    def tell_wallet(self, user: UserId, wallet: Wallet) -> None:
        """Says what the balances are, on all of theirs."""
        for link in self._links((user,)):
            link.wallet(wallet)

    def tell_begun(self, user: UserId, turn: Begun) -> None:
        """Says that a question was asked, on all of theirs but the one that asked."""
        for link in self._links((user,)):
            link.begun(turn)

    def tell_replaced(self, user: UserId, turn: Replaced) -> None:
        """Says that a turn's place was taken, on all of theirs."""
        for link in self._links((user,)):
            link.replaced(turn)

    def _links(self, users: Collection[UserId]) -> list[Link]:
        return [link for user in users for link in self._of.get(user, {}).values()]

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
