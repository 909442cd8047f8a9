"""The network between a node and its broker, with faults to order."""

from __future__ import annotations

from typing import Any, cast

from pika import URLParameters
from twisted.internet.interfaces import IListeningPort, IReactorTCP
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.protocols.portforward import ProxyFactory, ProxyServer
from twisted.python.failure import Failure


class _Way(ProxyFactory):
    """Makes connections that can be found again."""

    noisy = False

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.protocol = _Traveller
        self.travellers: list[_Traveller] = []

    @property
    def ends(self) -> list[Any]:
        """The transports of both sides of every connection."""
        return [
            cast("Protocol", side).transport
            for traveller in self.travellers
            for side in (traveller, traveller.peer)
        ]


class _Traveller(ProxyServer):
    """One connection through the road."""

    factory: _Way

    def connectionMade(self) -> None:
        self.factory.travellers.append(self)
        super().connectionMade()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)  # type: ignore[no-untyped-call]
        self.factory.travellers.remove(self)


class Road:
    """A port that leads to the broker of a URL while it is open."""

    def __init__(self, reactor: IReactorTCP, url: str) -> None:
        self._reactor = reactor
        far = URLParameters(url)
        self._way = _Way(far.host, far.port)
        self._open: IListeningPort | None = None
        self._number = 0
        self.open_to_nowhere()  # on a free port, which it will keep
        self.url = url.replace(f":{far.port}/", f":{self._number}/")

    def open(self) -> None:
        """Lets connections pass."""
        self._listen(self._way)

    def open_to_nowhere(self) -> None:
        """Lets connections be made, and nothing pass."""
        factory: Factory = Factory.forProtocol(Protocol)
        factory.noisy = False
        self._listen(factory)

    def freeze(self) -> None:
        """Takes bytes no further, as a cable that was cut."""
        for end in self._way.ends:
            end.pauseProducing()

    def thaw(self) -> None:
        """Takes on where it stopped."""
        for end in self._way.ends:
            end.resumeProducing()

    async def close(self) -> None:
        """Refuses connections and ends those that are there."""
        await self._shut()
        for end in self._way.ends:
            end.abortConnection()

    async def _shut(self) -> None:
        port, self._open = self._open, None
        if port is not None:
            await cast("Any", port.stopListening())

    def _listen(self, factory: object) -> None:
        port = self._reactor.listenTCP(
            self._number, cast("Any", factory), interface="127.0.0.1"
        )
        self._number = cast("Any", port.getHost()).port
        self._open = port
