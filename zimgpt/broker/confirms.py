"""What became of each message that was published on one channel.

The broker numbers the messages of a channel from 1 and confirms them one by one or
all up to a number. What it cannot route it returns, before it confirms it, with its
properties: its number travels among them, because pika's own bookkeeping blames the
wrong message when several are under way.
"""

from __future__ import annotations

from functools import partial
from typing import TypeAlias

import attrs
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic, BasicProperties
from twisted.internet.defer import Deferred

from zimgpt.flows.ports import NotPublished

TRANSIENT, PERSISTENT = 1, 2

Confirmation: TypeAlias = "Method[Basic.Ack | Basic.Nack]"


class Unroutable(Exception):  # noqa: N818 - an outcome
    """No queue has that name."""


@attrs.frozen
class Letter:
    """A message with what is written on its envelope."""

    id: str
    sender: str
    body: bytes
    queue: str
    exchange: str = ""
    """The default one, which leads to the queue of that name."""
    persistent: bool = False


class Confirms:
    """Publishes on a channel of its own and matches outcomes to messages."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._last = 0
        self._settled = 0
        self._under_way: dict[int, Deferred[None]] = {}
        channel.add_on_return_callback(self._returned)
        channel.add_on_close_callback(self._closed)

    def publish(self, letter: Letter) -> Deferred[None]:
        """Fires when the broker has it; fails with Unroutable or NotPublished.

        Raises pika's ChannelWrongStateError on a channel that was lost. Cancelled,
        it forgets the message, whose outcome is then unknown.
        """
        number = self._last + 1
        self._channel.basic_publish(
            letter.exchange,
            letter.queue,
            letter.body,
            BasicProperties(
                message_id=letter.id,
                correlation_id=str(number),
                delivery_mode=PERSISTENT if letter.persistent else TRANSIENT,
                app_id=letter.sender,
            ),
            mandatory=True,
        )
        self._last = number
        outcome: Deferred[None] = Deferred(partial(self._forget, number))
        self._under_way[number] = outcome
        return outcome

    def _forget(self, number: int, _outcome: Deferred[None]) -> None:
        self._under_way.pop(number, None)

    def confirmed(self, frame: Confirmation) -> None:
        """What pika calls with an ack or a nack of one message or of several."""
        number, refused = (
            frame.method.delivery_tag,
            isinstance(frame.method, Basic.Nack),
        )
        if not frame.method.multiple:
            self._settle(number, refused=refused)
            return
        for each in range(self._settled + 1, number + 1):
            self._settle(each, refused=refused)
        self._settled = max(self._settled, number)

    def _settle(self, number: int, *, refused: bool) -> None:
        outcome = self._under_way.pop(number, None)
        if outcome is None:  # it was returned, or nobody waits any more
            return
        if refused:
            outcome.errback(NotPublished("The broker refused the message."))
        else:
            outcome.callback(None)

    def _closed(self, _channel: Channel, _reason: Exception) -> None:
        for number in tuple(self._under_way):
            outcome = self._under_way.pop(number, None)
            if outcome is not None:  # an earlier one's failure may cancel it
                outcome.errback(NotPublished("The broker was lost."))

    def _returned(
        self,
        _channel: Channel,
        _method: Basic.Return,
        properties: BasicProperties,
        _body: bytes,
    ) -> None:
        outcome = self._under_way.pop(int(properties.correlation_id or 0), None)
        if outcome is not None:
            outcome.errback(Unroutable())
