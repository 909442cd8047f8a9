"""A channel that remembers what it was asked, and a link that opens one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from pika.channel import Channel
from pika.exceptions import ChannelWrongStateError
from pika.frame import Method
from pika.spec import Basic, BasicProperties
from twisted.internet.defer import Deferred, succeed

from zimgpt.broker.confirms import Confirmation
from zimgpt.broker.link import Link


class FakeChannel:
    """What our code uses of pika's Channel."""

    def __init__(self) -> None:
        self.is_open = True
        self.said: list[tuple[Any, ...]] = []
        self.published: list[BasicProperties] = []
        self.consumers: dict[str, Callable[..., None]] = {}
        self._on_return: Callable[..., None] = lambda *_: None
        self._on_close: Callable[..., None] = lambda *_: None

    @property
    def real(self) -> Channel:
        """Itself, as the type that is expected."""
        return cast("Channel", self)

    def add_on_return_callback(self, callback: Callable[..., None]) -> None:
        self._on_return = callback

    def add_on_close_callback(self, callback: Callable[..., None]) -> None:
        self._on_close = callback

    def basic_publish(
        self,
        exchange: str,
        queue: str,
        body: bytes,
        properties: BasicProperties,
        mandatory: bool,
    ) -> None:
        if not self.is_open:
            raise ChannelWrongStateError("closed")
        self.said.append((exchange, queue, body, mandatory))
        self.published.append(properties)

    def basic_qos(self, prefetch_count: int) -> None:
        self.said.append(("qos", prefetch_count))

    def basic_consume(
        self, queue: str, on_message_callback: Callable[..., None], consumer_tag: str
    ) -> None:
        self.said.append(("consume", queue))
        self.tag = consumer_tag
        self.consumers[queue] = on_message_callback

    def basic_cancel(self, consumer_tag: str) -> None:
        if not self.is_open:
            raise ChannelWrongStateError("closed")
        self.said.append(("cancel", consumer_tag == self.tag))

    def basic_ack(self, tag: int) -> None:
        self.said.append(("ack", tag))

    def basic_nack(self, tag: int, requeue: bool) -> None:
        self.said.append(("nack", tag, requeue))

    def basic_reject(self, tag: int, requeue: bool) -> None:
        self.said.append(("reject", tag, requeue))

    def returns(self, number: int) -> None:
        """The broker could not route a message."""
        self._on_return(
            self,
            Basic.Return(312, "NO_ROUTE"),
            self.published[number - 1],
            b"",
        )

    def closes(self) -> None:
        """The connection is lost."""
        self.is_open = False
        self._on_close(self, ConnectionResetError())

    def offers(
        self, tag: int, body: bytes, headers: dict[str, int] | None = None
    ) -> None:
        """The broker delivers a job."""
        self.consumers["zimgpt.jobs"](
            self,
            Basic.Deliver(delivery_tag=tag),
            BasicProperties(headers=headers),
            body,
        )


class FakeLink:
    """A link whose broker answers at once."""

    def __init__(self) -> None:
        self.opened: list[FakeChannel] = []
        self.slow: Deferred[None] = succeed(None)

    @property
    def real(self) -> Link:
        """Itself, as the type that is expected."""
        return cast("Link", self)

    async def channel(self) -> FakeChannel:
        await self.slow
        self.opened.append(FakeChannel())
        return self.opened[-1]

    async def ask(self, method: Callable[..., None], **arguments: object) -> None:
        method(**arguments)


def ack(number: int, *, multiple: bool = False) -> Confirmation:
    """The broker has one message, or all up to it."""
    return Method(1, Basic.Ack(number, multiple))


def nack(number: int, *, multiple: bool = False) -> Confirmation:
    """The broker refuses one message, or all up to it."""
    return Method(1, Basic.Nack(number, multiple))
