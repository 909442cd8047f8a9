"""What one client is sent: text in frames that leave out what the client knows.

With the data saver on, text is gathered for a second, because every frame has a
price of its own.
"""

from __future__ import annotations

from typing import Final, Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.subscriptions import Subscription
from zimgpt.wire import session as wire

SLOW_EVERY: Final = 1.0
"""Seconds for which the data saver gathers text."""

LONG: Final = 2_048
"""Characters that are a frame worth sending at once, data saver or not. With one more
group of stored text (subscriptions.GROUP) they fit a frame, even when each of them is
written as six bytes of JSON."""


class Line(Protocol):
    """Where payloads go."""

    @property
    def clear(self) -> bool:
        """Whether the client keeps up."""
        ...

    def send(self, payload: bytes) -> None:
        """Sends one text message."""
        ...


class Outgoing:
    """The way to one client; knows its place in every answer it was told of."""

    def __init__(self, reactor: IReactorTime, line: Line) -> None:
        self._reactor = reactor
        self._line = line
        self._places: dict[AnswerId, tuple[int, int]] = {}
        self._last_tag = 0  # of the text frame before
        self._gathered: dict[Subscription, list[str]] | None = None
        self._timer: IDelayedCall | None = None

    def place(self, answer: AnswerId) -> tuple[int, int] | None:
        """Where the client will be when it has read all that was sent."""
        return self._places.get(answer)

    def tell(self, event: wire.Event) -> None:
        """Sends an event."""
        self._line.send(wire.encode(event))

    def begin(self, subscription: Subscription, event: wire.Event) -> None:
        """Sends the event that gives a subscription its number and place."""
        self._places[subscription.answer] = subscription.place
        self.tell(event)

    def reset(self, subscription: Subscription) -> None:
        """Says that an answer begins again."""
        self.drop(subscription)
        event = wire.Reset(subscription.tag, subscription.epoch)
        self.begin(subscription, event)

    def text(self, subscription: Subscription, text: str) -> bool:
        """Sends text, or gathers it; False while the client does not keep up."""
        if not self._line.clear:
            return False
        if self._gathered is None:
            self._send(subscription, text)
            return True
        texts = self._gathered.setdefault(subscription, [])
        texts.append(text)
        if sum(map(len, texts)) >= LONG:
            self.flush()
        elif self._timer is None:
            self._timer = self._reactor.callLater(SLOW_EVERY, self.flush)
        return True

    def pace(self, slow: bool) -> None:
        """Turns the data saver on or off."""
        self.flush()
        self._gathered = {} if slow else None

    def flush(self) -> None:
        """Sends what was gathered."""
        self._stop_timer()
        if self._gathered:
            gathered, self._gathered = self._gathered, {}
            for subscription, texts in gathered.items():
                self._send(subscription, "".join(texts))

    def drop(self, subscription: Subscription) -> None:
        """Forgets what was gathered of a subscription that is void."""
        if self._gathered is not None:
            self._gathered.pop(subscription, None)

    def close(self) -> None:
        """Sends no more."""
        self._stop_timer()
        self._gathered = None

    def _send(self, subscription: Subscription, text: str) -> None:
        tag, seq = subscription.tag, subscription.seq
        _, known = self._places[subscription.answer]
        self._line.send(
            wire.encode_text(
                wire.quoted(text),
                a=None if tag == self._last_tag else tag,
                s=None if seq == known + 1 else seq,
            )
        )
        self._last_tag = tag
        self._places[subscription.answer] = subscription.place

    def _stop_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
