"""Reading an answer without a socket: what there is, or the next there will be."""

from __future__ import annotations

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.following import Audience, Subscription
from zimgpt.flows.ports import Answers, End, Reading


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


@attrs.frozen
class Polling:
    """Long polls: a reading that waits until there is something to read."""

    _reactor: IReactorTime
    _answers: Answers
    _audience: Audience

    async def read(
        self, user: UserId, answer: AnswerId, *, epoch: int, seq: int, wait: float
    ) -> Reading:
        """The answer after ``(epoch, seq)``, at the latest in ``wait`` seconds."""
        bell = _Bell()
        subscription = Subscription(user, answer, bell, 0, epoch)
        reading: list[Reading] = []
        await self._audience.follow(subscription, epoch, seq, reading.append)
        try:
            if wait > 0 and not _news(reading[0], epoch):
                timer = self._reactor.callLater(wait, bell.ring)
                await bell.rung
                if timer.active():
                    timer.cancel()
                return await self._answers.read(user, answer, epoch, seq)
            return reading[0]
        finally:
            self._audience.leave(subscription)


def _news(reading: Reading, epoch: int) -> bool:
    reset = epoch != 0 and reading.epoch != epoch
    return bool(reading.pieces) or reading.end is not None or reset
