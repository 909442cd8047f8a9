"""Jobs from RabbitMQ to whoever works on them, a bounded number at once.

A job is acknowledged when its work returns, or put among the dead letters if that says
so. One whose work raises is offered again, to any node, after a wait that doubles:
during the wait it takes up one of the places, so that a node that cannot work does not
empty the queue into the dead letters.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, Final

from pika.channel import Channel
from pika.spec import Basic, BasicProperties
from twisted.internet.defer import (
    Deferred,
    DeferredSemaphore,
)
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from zimgpt.broker.topology import JOBS
from zimgpt.flows.ports import Outcome, Work

if TYPE_CHECKING:  # it imports the reactor
    from zimgpt.broker.link import Link

log = Logger()

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 30.0
CANCELLING: Final = 3.0
AT_ONCE: Final = 20
APART: Final = 1 / 128
"""Seconds between the beginnings of jobs after the first ``AT_ONCE``: hundreds come in
one moment when a broker that was away returns, and who asks just then is not to wait
until all of them have begun."""


class Deliveries:
    """Takes jobs from every link in turn; never more than ``most`` are under way."""

    def __init__(
        self,
        clock: IReactorTime,
        on_job: Work,
        *,
        most: int,
    ) -> None:
        self._clock = clock
        self._on_job = on_job
        self._most = most
        # Work from a lost link may go on while the next link already delivers.
        self._places = DeferredSemaphore(most)
        self._waits: set[Deferred[None]] = set()
        self._turn = -inf
        self._stopped = False
        self._cancel: Callable[[], Coroutine[Deferred[Any], Any, None]] | None = None

    async def consume(self, link: Link) -> None:
        """Begins to take jobs from a new link, unless stopped."""
        self._end_waits()
        if self._stopped:
            return
        channel = await link.channel()
        await link.ask(channel.basic_qos, prefetch_count=self._most)
        if self._stopped:  # meanwhile
            return
        tag = f"jobs-{id(channel):x}"
        self._cancel = partial(link.ask, channel.basic_cancel, consumer_tag=tag)
        await link.ask(
            channel.basic_consume,
            queue=JOBS,
            on_message_callback=self._offered,
            consumer_tag=tag,
        )

    def leave(self) -> None:
        """Takes no more, for the link is about to be closed."""
        self._stopped = True
        self._end_waits()

    async def stop(self) -> None:
        """Takes no more; what is under way goes on and is acknowledged."""
        self._stopped = True
        cancel, self._cancel = self._cancel, None
        try:
            if cancel is not None:
                asked = Deferred.fromCoroutine(cancel())
                # Given back after that, so that they are not offered to us again.
                self._end_waits()
                await asked.addTimeout(CANCELLING, self._clock)
        except Exception as error:  # the link is lost, and its jobs with it
            log.info("jobs end with their connection: {error}", error=error)

    def _offered(
        self,
        channel: Channel,
        method: Basic.Deliver,
        properties: BasicProperties,
        body: bytes,
    ) -> None:
        before = (properties.headers or {}).get("x-delivery-count", 0)
        Deferred.fromCoroutine(
            self._take(channel, method.delivery_tag, body, before)
        ).addErrback(lambda failure: log.failure("a job was lost sight of", failure))

    async def _take(self, channel: Channel, tag: int, body: bytes, before: int) -> None:
        await self._places.acquire()
        try:
            await self._in_turn()
            # Whatever waited for a place while its link was lost comes again.
            if channel.is_open:
                await self._work(channel, tag, body, before)
        finally:
            self._places.release()

    async def _work(self, channel: Channel, tag: int, body: bytes, before: int) -> None:
        outcome = None if self._stopped else await self._outcome(body)
        if outcome is None:
            await self._wait(min(FIRST_WAIT * 2**before, LONGEST_WAIT))
        if not channel.is_open:
            return
        match outcome:
            case Outcome.DONE:
                channel.basic_ack(tag)
            case Outcome.DEAD:
                channel.basic_reject(tag, requeue=False)
            case None:
                channel.basic_nack(tag, requeue=True)

    async def _in_turn(self) -> None:
        now = self._clock.seconds()
        self._turn = max(self._turn, now - AT_ONCE * APART) + APART
        if self._turn > now:
            await self._wait(self._turn - now)

    async def _outcome(self, body: bytes) -> Outcome | None:
        try:
            return await self._on_job(body)
        except Exception:
            log.failure("a job failed, and will be offered again")
            return None

    async def _wait(self, seconds: float) -> None:
        if self._stopped:
            return
        wait: Deferred[None] = deferLater(self._clock, seconds)
        self._waits.add(wait)
        await wait.addErrback(lambda _: None)
        self._waits.discard(wait)

    def _end_waits(self) -> None:
        for wait in tuple(self._waits):
            wait.cancel()
