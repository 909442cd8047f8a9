"""The dead letters in RabbitMQ: counted, read, and put right.

They are read one by one on the link's channel for them, and given back in one piece, so
that a reader that dies gives them back as well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs
from pika.channel import Channel
from pika.exceptions import AMQPError
from pika.spec import Basic, BasicProperties
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from zimgpt.broker.supervised import Closed, Supervised
from zimgpt.broker.topology import DEAD, declare_dead
from zimgpt.flows.ports import NotPublished

if TYPE_CHECKING:  # it imports the reactor
    from zimgpt.broker.link import Link

PATIENCE: Final = 20.0
"""Seconds that a look may take."""

MOST: Final = 10_000
"""Letters that are read in one look."""

Publish = Callable[[str, bytes], Awaitable[None]]


@attrs.frozen
class RabbitLetters:
    """``ports.DeadLetters`` on the living link."""

    _clock: IReactorTime
    _links: Supervised[Link]
    _publish: Publish

    async def depth(self) -> int:
        """How many there are; makes the queue if it is missing."""
        return await self._within(self._depth())

    async def sort(self, dead: Callable[[], Awaitable[Mapping[str, bytes]]]) -> int:
        """Leaves one letter of each of these jobs and no other."""
        return await self._within(self._sort(dead))

    async def _within(self, look: Coroutine[Deferred[Any], Any, int]) -> int:
        looking = Deferred.fromCoroutine(look)
        try:
            return await looking.addTimeout(PATIENCE, self._clock, _late)
        except (Closed, AMQPError) as error:
            raise NotPublished(f"The broker was not reached: {error!r}.") from None

    async def _depth(self) -> int:
        link = await self._links.ready()
        return await declare_dead(link.first)

    async def _sort(self, dead: Callable[[], Awaitable[Mapping[str, bytes]]]) -> int:
        link = await self._links.ready()
        reading = Reading(link, await link.channel())
        try:
            letters = await reading.all()
            missing = dict(await dead())
            useless = [tag for tag, job in letters if missing.pop(job, None) is None]
            for tag in useless:
                reading.drop(tag)
        finally:
            await reading.end()
        for job, body in missing.items():
            await self._publish(job, body)
        return len(useless) + len(missing)


class Reading:
    """Letters taken from the queue on a channel of its own, and given back."""

    def __init__(self, link: Link, channel: Channel) -> None:
        self._link = link
        self._channel = channel
        self._next: Deferred[tuple[int, str] | None] | None = None
        channel.add_callback(self._empty, [Basic.GetEmpty], one_shot=False)

    async def all(self) -> list[tuple[int, str]]:
        """Every letter: its tag and the id of its job."""
        letters: list[tuple[int, str]] = []
        while len(letters) < MOST:
            letter = await self._get()
            if letter is None:
                break
            letters.append(letter)
        return letters

    def drop(self, tag: int) -> None:
        """Takes one away for good."""
        self._channel.basic_ack(tag)

    async def end(self) -> None:
        """Gives back what was not dropped."""
        if self._channel.is_open:
            await self._link.leave(self._channel)

    async def _get(self) -> tuple[int, str] | None:
        self._next = self._link.awaited()
        self._channel.basic_get(DEAD, self._got)
        return await self._next

    def _got(
        self,
        _channel: Channel,
        method: Basic.GetOk,
        properties: BasicProperties,
        _body: bytes,
    ) -> None:
        self._answer((method.delivery_tag, str(properties.message_id)))

    def _empty(self, _frame: object) -> None:
        self._answer(None)

    def _answer(self, letter: tuple[int, str] | None) -> None:
        waiting, self._next = self._next, None
        if waiting is not None and not waiting.called:
            waiting.callback(letter)


def _late(_cancelled: object, seconds: float) -> Failure:
    return Failure(NotPublished(f"The broker did not answer in {seconds:g} s."))
