"""Rounds of upkeep."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from zope.interface import implementer

from tests.fakes.results import result_of
from tests.fakes.room import Notes, Room, joined
from zimgpt.domain.answers import Finish
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import Unavailable
from zimgpt.flows.burying import Burying
from zimgpt.flows.ports import DeadJob, Figures, Ticket
from zimgpt.flows.relaying import Relay
from zimgpt.flows.sweeping import BATCH, Sweeping


@attrs.define
class Rows:
    """What may be left behind (``ports.Upkeep`` and ``ports.Outbox``)."""

    expired: list[AnswerId] = attrs.Factory(list)
    waiting: list[Ticket] = attrs.Factory(list)
    done: list[str] = attrs.Factory(list)
    away: bool = False
    counts: int = 0

    async def close_expired(self, limit: int) -> tuple[AnswerId, ...]:
        """Closes holds."""
        self._do(f"close {limit}")
        return tuple(self.expired)

    async def erase_deleted(self, limit: int) -> int:
        """Erases words."""
        self._do(f"erase {limit}")
        return 1

    async def forget_confirmed(self) -> int:
        """Drops rows."""
        self._do("forget")
        return 1

    async def due(self, _patience: timedelta, _limit: int) -> tuple[Ticket, ...]:
        """Jobs to give again."""
        return tuple(self.waiting)

    async def confirm(self, _outbox: object) -> None:
        """Not in these tests."""
        raise AssertionError

    async def figures(self) -> Figures:
        """So many as have been counted, so that each count differs."""
        self.counts += 1
        return Figures(queued=self.counts)

    async def turn(self, _every: timedelta) -> bool:
        """It is another's: dead jobs have tests of their own."""
        return False

    async def untold(self, _limit: int) -> tuple[DeadJob, ...]:
        """Not in these tests."""
        raise AssertionError

    async def told(self, _jobs: object) -> None:
        """Not in these tests."""
        raise AssertionError

    async def all(self) -> tuple[DeadJob, ...]:
        """Not in these tests."""
        raise AssertionError

    async def is_dead(self, _job: str) -> bool:
        """Not in these tests."""
        raise AssertionError

    def _do(self, what: str) -> None:
        if self.away:
            raise Unavailable
        self.done.append(what)


@pytest.fixture
def room() -> Room:
    """A node on memory."""
    return Room()


@pytest.fixture
def rows() -> Rows:
    """Nothing to do."""
    return Rows()


def sweeping(room: Room, rows: Rows) -> Sweeping:
    """The flow."""
    relay = Relay(room.clock, room.broker, rows)
    burying = Burying(rows, room.broker.dead_letters)
    return Sweeping(room.clock, relay, rows, room.audience, burying)


def sweep(room: Room, rows: Rows) -> None:
    """One round."""
    result_of(sweeping(room, rows).sweep())


def test_jobs_are_counted_now_and_then(room: Room, rows: Rows) -> None:
    """Whoever asks gets figures that are at most half a minute old, at no cost."""
    flow = sweeping(room, rows)
    seen = [flow.figures().queued]

    for _ in range(8):
        result_of(flow.sweep())
        seen.append(flow.figures().queued)
        room.clock.advance(5)

    assert seen == [0, 1, 1, 1, 1, 1, 1, 2, 2]


def test_a_round_does_everything_that_is_due(room: Room, rows: Rows) -> None:
    """Jobs are given again, holds closed, words erased and rows dropped."""
    rows.waiting = [Ticket("00000000-0000-4000-9000-000000000001", "here")]

    sweep(room, rows)

    assert rows.done == [f"close {BATCH}", f"erase {BATCH}", "forget"]
    assert len(room.broker.published) == 1


def test_who_waits_at_a_question_that_expired_is_told(room: Room, rows: Rows) -> None:
    """Readers hear at once that nobody will answer, and that it was free."""
    answer, notes = room.ask(), Notes()
    joined(room, answer, notes)
    room.db.fail(room.db.lines[answer], Finish.EXPIRED)
    rows.expired = [answer]

    sweep(room, rows)

    assert notes.told == [("ended", Finish.EXPIRED)]


def test_a_round_with_nothing_to_do_says_nothing(room: Room, rows: Rows) -> None:
    """The log of a quiet node is quiet."""
    told: list[LogEvent] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        told.append(event)

    globalLogPublisher.addObserver(observe)
    sweep(room, rows)
    globalLogPublisher.removeObserver(observe)

    assert told == []


def test_a_round_without_a_database_is_left_for_the_next(
    room: Room, rows: Rows
) -> None:
    """Upkeep does not break when the database is away."""
    rows.away = True

    sweep(room, rows)

    assert rows.done == []
