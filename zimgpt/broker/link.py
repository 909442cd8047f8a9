"""One connection to RabbitMQ through pika, from its making to its loss.

Any trouble on it, a channel closed or a consumer cancelled, is the end of all of it:
making it again is one path, taken often enough to work. Pika's Twisted adapter
imports the reactor, so import this module only where one is installed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias, cast

from pika.adapters.twisted_connection import TwistedChannel, TwistedProtocolConnection
from pika.channel import Channel
from pika.connection import ConnectionParameters, Parameters
from pika.exceptions import AMQPError
from twisted.internet.defer import Deferred, TimeoutError, succeed
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import (
    IReactorTime,
    IStreamClientEndpoint,
    ITCPTransport,
)
from twisted.internet.protocol import Factory, connectionDone
from twisted.internet.ssl import optionsForClientTLS
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from zimgpt.broker.confirms import Confirms

HANDSHAKE: Final = 5.0
PREPARATION: Final = 20.0
FAREWELL: Final = 3.0
CHECK: Final = 5.0
"""Seconds for connecting, for everything until ready, for closing; and between looks
at a connection that should be closing."""


Prepare: TypeAlias = "Callable[[Link], Awaitable[None]]"


class LinkLost(Exception):  # noqa: N818 - an end, not a fault
    """The connection to the broker was lost."""


class _Connection(TwistedProtocolConnection):
    """Pika's, which also tells when its socket is closed for good."""

    def __init__(self, parameters: Parameters, reactor: IReactorTime) -> None:
        # Pika names a narrower type than it takes.
        given = cast("ConnectionParameters", parameters)
        super().__init__(given, custom_reactor=reactor)
        self.opened: Deferred[Any] = cast("Deferred[Any]", self.ready)
        self._is_gone = False
        self._waiting: list[Deferred[None]] = []

    def gone(self) -> Deferred[None]:
        """Fires when the socket is closed."""
        if self._is_gone:
            return succeed(None)
        waiting: Deferred[None] = Deferred(self._waiting.remove)
        self._waiting.append(waiting)
        return waiting

    @property
    def closing(self) -> bool:
        """Whether the socket is to be closed when what is buffered has been sent."""
        return bool(getattr(self.transport, "disconnecting", False))

    def abort(self) -> None:
        """Closes the socket, whatever is buffered."""
        cast(ITCPTransport, self.transport).abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)
        self._is_gone = True
        while self._waiting:
            self._waiting.pop().callback(None)


class Link:
    """A connection on which channels can be opened."""

    confirms: Confirms
    """Publishes, on a channel of its own."""

    def __init__(
        self, reactor: IReactorTime, connection: _Connection, first: TwistedChannel
    ) -> None:
        self.lost: Deferred[Exception] = Deferred()
        self.first = first
        """A channel for declarations, whose methods return Deferreds."""
        self._reactor = reactor
        self._connection = connection
        self._asked: set[Deferred[Any]] = set()
        self._left: set[Channel] = set()
        self._check = LoopingCall(self._abort_if_closing)
        self._check.clock = reactor
        self._check.start(CHECK, now=False)
        first.on_closed.addCallback(self.break_off)

    async def channel(self) -> Channel:
        """A new channel; its end, if we do not leave it, is the end of the link."""
        opened = self.awaited()
        connection = self.first.connection
        channel: Channel = connection.channel(on_open_callback=opened.callback)
        channel.add_on_close_callback(self._channel_closed)
        channel.add_on_cancel_callback(self._consumer_cancelled)
        await opened
        return channel

    async def leave(self, channel: Channel) -> None:
        """Closes a channel, which gives back what was not acknowledged on it."""
        self._left.add(channel)
        left = self.awaited()

        def closed(_channel: Channel, _reason: Exception) -> None:
            if not left.called:
                left.callback(None)

        channel.add_on_close_callback(closed)
        channel.close()
        await left

    async def ask(self, method: Callable[..., object], **arguments: object) -> None:
        """Waits for the broker's answer to a channel's method, or the link's loss."""
        answer = self.awaited()
        try:
            method(**arguments, callback=answer.callback)
        except AMQPError:
            self._asked.discard(answer)
            raise
        await answer

    def break_off(self, reason: Exception) -> None:
        """Ends it at once, unless it has ended or is being closed."""
        if not self.lost.called:
            self._end(reason)
            self._connection.abort()

    async def close(self) -> None:
        """Ends it in good order, or after a few seconds in any order."""
        if not self.lost.called:
            self._end(LinkLost("closed by us"))
        try:
            self._connection.close()
            await self._connection.gone().addTimeout(FAREWELL, self._reactor)
        except (AMQPError, TimeoutError):
            await _abort(self._connection)

    def awaited(self) -> Deferred[Any]:
        """What the broker will answer; fails when the link is lost."""
        answer: Deferred[Any] = Deferred()
        self._asked.add(answer)

        def forget(result: object) -> object:
            self._asked.discard(answer)
            return result

        return answer.addBoth(forget)

    def _end(self, reason: Exception) -> None:
        self._check.stop()
        self.lost.callback(reason)
        while self._asked:
            self._asked.pop().errback(reason)

    def _channel_closed(self, channel: Channel, reason: Exception) -> None:
        if channel in self._left:
            self._left.discard(channel)
        else:
            self.break_off(reason)

    def _consumer_cancelled(self, _frame: object) -> None:
        self.break_off(LinkLost("a queue was deleted"))

    def _abort_if_closing(self) -> None:
        # After missed heartbeats pika closes the socket politely, which waits for
        # ever when bytes are left that the other side does not take.
        if self._connection.closing:
            self.break_off(LinkLost("the broker fell silent"))


async def connect(
    reactor: IReactorTime,
    parameters: Parameters,
    prepare: Prepare,
) -> Link:
    """A link made ready by ``prepare``; on any failure its socket is closed."""
    factory = Factory.forProtocol(lambda: _Connection(parameters, reactor))
    factory.noisy = False
    connected = await _endpoint(reactor, parameters).connect(factory)
    connection = cast("_Connection", connected)
    making = Deferred.fromCoroutine(_make(reactor, connection, prepare))
    try:
        return await making.addTimeout(PREPARATION, reactor)
    except Exception:
        await _abort(connection)
        raise


async def _make(
    reactor: IReactorTime,
    connection: _Connection,
    prepare: Prepare,
) -> Link:
    await connection.opened
    link = Link(reactor, connection, await connection.channel())
    try:
        channel = await link.channel()
        link.confirms = Confirms(channel)
        await link.ask(
            channel.confirm_delivery, ack_nack_callback=link.confirms.confirmed
        )
        await prepare(link)
    except Exception as error:
        link.break_off(error)
        raise
    return link


async def _abort(connection: _Connection) -> None:
    connection.abort()
    await connection.gone()


def _endpoint(reactor: IReactorTime, parameters: Parameters) -> IStreamClientEndpoint:
    plain = HostnameEndpoint(
        reactor, parameters.host, parameters.port, timeout=HANDSHAKE
    )
    if parameters.ssl_options is None:
        return plain
    return wrapClientTLS(optionsForClientTLS(parameters.host), plain)
