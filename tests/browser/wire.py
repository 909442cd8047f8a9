"""A network between browser and server that a test can cut and mend."""

# Twisted's forwarder has few annotations.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IAddress, IListeningPort
from twisted.internet.protocol import connectionDone
from twisted.internet.task import deferLater
from twisted.protocols.portforward import ProxyFactory, ProxyServer
from twisted.python.failure import Failure


class Cable(ProxyServer):
    """One connection through it."""

    factory: Wire

    def connectionMade(self) -> None:
        """The browser has dialled: so do we."""
        self.factory.cables.add(self)
        super().connectionMade()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """One end has gone: so goes the other."""
        self.factory.cables.discard(self)
        super().connectionLost(reason)


class Wire(ProxyFactory):
    """Leads to the server on a port of this machine, while it is whole."""

    protocol = Cable
    noisy = False

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port)
        self.cables: set[Cable] = set()
        self.dialled = 0
        self._whole = True

    def buildProtocol(self, address: IAddress | None) -> ProxyServer | None:
        """Nobody gets through a cut wire."""
        self.dialled += 1
        return super().buildProtocol(address) if self._whole else None

    def cut(self) -> None:
        """Breaks every connection and takes no new one."""
        self._whole = False
        for cable in tuple(self.cables):
            transport: Any = cable.transport
            transport.abortConnection()

    def mend(self) -> None:
        """Takes connections again."""
        self._whole = True

    async def quiet(self) -> None:
        """Waits until nobody is connected through it; a while, then cuts them."""
        from twisted.internet import reactor

        for _ in range(100):
            if not self.cables:
                return
            await deferLater(reactor, 0.02)
        self.cut()
        self.mend()

    def listen(self, reactor: Any, port: int) -> IListeningPort:  # noqa: ANN401
        """Opens its near end."""
        near: IListeningPort = reactor.listenTCP(port, self, interface="127.0.0.1")
        return near
