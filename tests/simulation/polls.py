"""A program that reads an answer by long polls, at any node each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Finish
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import NotFound, Unavailable
from zimgpt.flows.ports import Reading

if TYPE_CHECKING:
    from tests.simulation.world import World

WAIT = 8.0
"""Seconds that a poll waits for news."""

PATIENCE = 12.0
"""Seconds after which it is hung up on."""

PAUSE = 0.5


@attrs.define(eq=False)
class Poller:
    """Its place, its text, and how it ended."""

    world: World
    name: str
    user: UserId
    answer: AnswerId
    epoch: int = 0
    seq: int = 0
    text: str = ""
    finish: Finish | None = None
    gone: bool = False
    """It was told that there is no such answer."""
    _round: int = 0
    _watch: IDelayedCall | None = None

    @property
    def done(self) -> bool:
        """It knows how its answer ended."""
        return self.gone or self.finish is not None

    def poll(self) -> None:
        """Asks some node for what comes next."""
        world = self.world
        self._round += 1
        node = world.weather.chance.choice(world.nodes)
        self._watch = world.clock.callLater(PATIENCE, self.poll)
        if node.process.dead or not node.serves:
            self._later()
            return
        reading = node.polling.read(
            self.user, self.answer, epoch=self.epoch, seq=self.seq, wait=WAIT
        )
        Deferred.fromCoroutine(reading).addBoth(self._replied, self._round)

    def _replied(self, reply: Reading | Failure, number: int) -> None:
        if number != self._round or self.done:
            return  # hung up on meanwhile
        if isinstance(reply, Failure):
            self.gone = reply.trap(NotFound, Unavailable) is NotFound
        else:
            self._read(reply)
        self._later()

    def _read(self, reading: Reading) -> None:
        again = reading.epoch != self.epoch or (
            bool(reading.pieces) and reading.pieces[0].seq <= self.seq
        )
        if again:
            self.text, self.seq = "", 0
        self.epoch = reading.epoch
        self.text += "".join(piece.text for piece in reading.pieces)
        if reading.pieces:
            self.seq = reading.pieces[-1].seq
        if reading.end is not None:
            self.finish = reading.end.finish
            self.world.history.note(self.name, f"ended {self.finish}")

    def _later(self) -> None:
        if self._watch is not None and self._watch.active():
            self._watch.cancel()
        if not self.done:
            pause = PAUSE * self.world.weather.chance.random()
            self.world.clock.callLater(pause, self.poll)
