"""Jobs and node messages through RabbitMQ, which may be lost and rebuilt empty.

A job is safe when the broker has confirmed it on a quorum queue; every publish has
its own timer, because a dead connection takes up to half a minute to be noticed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Final

from pika import URLParameters
from pika.channel import Channel
from pika.exceptions import AMQPError, ChannelClosedByBroker
from pika.spec import Basic, BasicProperties
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from zimgpt.broker.confirms import Letter, Unroutable
from zimgpt.broker.dead_letters import RabbitLetters
from zimgpt.broker.deliveries import Deliveries
from zimgpt.broker.supervised import Closed, Supervised
from zimgpt.broker.topology import DEAD, JOBS, NODES, declare, node_queue
from zimgpt.flows.ports import NoSuchNode, NotPublished, Work

if TYPE_CHECKING:  # it imports the reactor
    from zimgpt.broker.link import Link

log = Logger()

HEARTBEAT: Final = 10  # pika notices silence after 15 to 30 s
BLOCKED: Final = 30  # a broker without memory or disk
PATIENCE: Final = 5.0
"""Seconds that a publish may take, the wait for a connection included."""

UNDER_WAY: Final = 1000
"""Publishes that wait for their confirms at once."""

RESOURCE_LOCKED: Final = 405


class RabbitMQ:
    """The broker of one node; ``reactor`` is a whole one: clock, sockets and names."""

    def __init__(
        self,
        reactor: IReactorTime,
        *,
        node: str,
        url: str,
        answers_at_once: int,
        random: Callable[[], float],
    ) -> None:
        self._reactor = reactor
        self._node = node
        self._parameters = URLParameters(url)
        self._parameters.heartbeat = HEARTBEAT
        self._parameters.blocked_connection_timeout = BLOCKED
        self._answers_at_once = answers_at_once
        self._room = DeferredSemaphore(UNDER_WAY)
        self._numbers = count(1)
        self._deliveries: Deliveries | None = None
        self._on_message: Callable[[bytes], None] = _nobody
        self._supervised: Supervised[Link] = Supervised(
            reactor,
            self._connect,
            name=f"RabbitMQ on {self._parameters.host}:{self._parameters.port}",
            random=random,
        )

    @property
    def connected(self) -> bool:
        """Whether there is a connection just now."""
        return self._supervised.link is not None

    @property
    def dead_letters(self) -> RabbitLetters:
        """Where the letters of dead jobs lie."""
        return RabbitLetters(self._reactor, self._supervised, self._publish_letter)

    async def start(
        self,
        *,
        on_job: Work | None,
        on_message: Callable[[bytes], None],
    ) -> None:
        """Begins to connect; ``publish`` and ``send`` wait for the connection."""
        self._on_message = on_message
        if on_job is not None:
            self._deliveries = Deliveries(
                self._reactor, on_job, most=self._answers_at_once
            )
        self._supervised.start()

    async def publish(self, message_id: str, body: bytes) -> None:
        """Gives a job; returns when a quorum has it, raises NotPublished otherwise."""
        letter = Letter(message_id, self._node, body, JOBS, persistent=True)
        try:
            await self._carry(letter)
        except Unroutable as error:
            link = self._supervised.link
            if link is not None:  # making it again declares the queue
                link.break_off(error)
            await self._carry_again(letter)

    async def _carry_again(self, letter: Letter) -> None:
        try:
            await self._carry(letter)
        except Unroutable:
            raise NotPublished("The queue of jobs is missing.") from None

    async def _publish_letter(self, job: str, body: bytes) -> None:
        try:
            await self._carry(Letter(job, self._node, body, DEAD, persistent=True))
        except Unroutable:
            raise NotPublished("The queue of dead letters was missing.") from None

    async def send(self, node: str, body: bytes) -> None:
        """Sends to one node; raises NoSuchNode or NotPublished."""
        try:
            await self._carry(
                Letter(self._next_id(), self._node, body, node_queue(node))
            )
        except Unroutable:
            raise NoSuchNode(f"No living node is called {node}.") from None

    async def broadcast(self, body: bytes) -> None:
        """Sends to every other node that is there; raises NotPublished."""
        letter = Letter(self._next_id(), self._node, body, "", exchange=NODES)
        with suppress(Unroutable):  # nobody is there
            await self._carry(letter)

    async def stop_jobs(self) -> None:
        """Takes no new jobs; those under way go on and are acknowledged."""
        if self._deliveries is not None:
            await self._deliveries.stop()

    async def close(self) -> None:
        """Ends the connection; what was not acknowledged is offered again."""
        if self._deliveries is not None:
            self._deliveries.leave()
        await self._supervised.stop()

    def _next_id(self) -> str:
        return f"{self._node}-{next(self._numbers)}"

    async def _carry(self, letter: Letter) -> None:
        carrying = Deferred.fromCoroutine(self._confirmed(letter))
        try:
            await carrying.addTimeout(PATIENCE, self._reactor, _late)
        except (Closed, AMQPError) as error:
            raise NotPublished(f"The broker was not reached: {error!r}.") from None

    async def _confirmed(self, letter: Letter) -> None:
        await self._room.acquire()
        try:
            link = await self._supervised.ready()
            await link.confirms.publish(letter)
        finally:
            self._room.release()

    async def _connect(self) -> Link:
        from zimgpt.broker.link import connect

        return await connect(self._reactor, self._parameters, self._prepare)

    async def _prepare(self, link: Link) -> None:
        try:
            await declare(link.first, self._node)
        except ChannelClosedByBroker as error:
            if error.reply_code == RESOURCE_LOCKED:
                log.error(
                    "another living node is called {node}: give each its own name in"
                    " the setting `node`",
                    node=self._node,
                )
            raise
        incoming = await link.channel()
        await link.ask(
            incoming.basic_consume,
            queue=node_queue(self._node),
            on_message_callback=self._received,
            auto_ack=True,
            exclusive=True,
        )
        if self._deliveries is not None:
            await self._deliveries.consume(link)

    def _received(
        self,
        _channel: Channel,
        method: Basic.Deliver,
        properties: BasicProperties,
        body: bytes,
    ) -> None:
        if method.exchange and properties.app_id == self._node:
            return  # our own broadcast
        try:
            self._on_message(body)
        except Exception:  # one bad message must not end the connection
            log.failure("a message from another node could not be used")


def _late(_cancelled: object, seconds: float) -> Failure:
    return Failure(NotPublished(f"The broker did not confirm in {seconds:g} s."))


def _nobody(_body: bytes) -> None:
    """Takes messages before anybody does."""
