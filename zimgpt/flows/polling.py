"""Reading an answer without a socket: what there is, or the next there will be."""

from __future__ import annotations

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.following import Audience
from zimgpt.flows.ports import Answers, End, Reading
from zimgpt.flows.subscriptions import Subscription


class _Bell:
    """A reader that rings at the first news and shows nothing."""

    def __init__(self) -> None:
        self.rung: Deferred[None] = Deferred()

    def text(self, _subscription: Subscription, _text: str) -> bool:
        """There is text; it will be read from the database."""
        self.ring()
        return False

    def reset(self, _subscription: Subscription) -> None:
        """Another epoch has begun."""
        self.ring()

    def ended(self, _subscription: Subscription, _end: End) -> None:
        """The answer has ended."""
        self.ring()

    def ring(self) -> None:
        """Wakes whoever waits, once."""
        if not self.rung.called:
            self.rung.callback(None)


@attrs.define
class Polling:
    """Long polls: a reading that waits until there is something to read."""

    _reactor: IReactorTime
    _answers: Answers
    _audience: Audience
    _bells: set[_Bell] = attrs.field(init=False, factory=set)
    _hurried: bool = attrs.field(init=False, default=False)

    @property
    def hurried(self) -> bool:
        """Whether this node is about to end."""
        return self._hurried

    def hurry(self) -> None:
        """From now on nobody waits; who does is told what there is."""
        self._hurried = True
        for bell in tuple(self._bells):
            bell.ring()

    async def read(
        self, user: UserId, answer: AnswerId, *, epoch: int, seq: int, wait: float
    ) -> Reading:
        """The answer after ``(epoch, seq)``, at the latest in ``wait`` seconds."""
        if wait <= 0 or self._hurried:
            return await self._answers.read(user, answer, epoch, seq)
        bell = _Bell()
        self._bells.add(bell)
        subscription = Subscription(user, answer, bell, 0, epoch)
        readings: list[Reading] = []
        try:
            await self._audience.follow(subscription, epoch, seq, readings.append)
            [reading] = readings
            if _news(reading, epoch):
                return reading
            await self._rung(bell, wait)
            return await self._answers.read(user, answer, epoch, seq)
        finally:
            self._bells.discard(bell)
            self._audience.leave(subscription)

    async def _rung(self, bell: _Bell, wait: float) -> None:
        timer = self._reactor.callLater(wait, bell.ring)
        try:
            await bell.rung
        finally:  # also when whoever asked has gone
            if timer.active():
                timer.cancel()


def _news(reading: Reading, epoch: int) -> bool:
    reset = epoch != 0 and max(reading.epoch, 1) != epoch
    return bool(reading.pieces) or reading.end is not None or reset
