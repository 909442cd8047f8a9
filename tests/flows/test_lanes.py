"""Lanes on a node: woken in time, given back when they break, stopped between steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import attrs
from twisted.internet.task import Clock
from twisted.logger import LogEvent

from zimgpt.domain.errors import Unavailable
from zimgpt.flows.lanes import LaneRunner
from zimgpt.flows.ports import Ticket
from zimgpt.flows.ports.contacts import ContactId, Lane, LaneKind


@attrs.define
class Book:
    """Lanes and leases, as a database would keep them."""

    free: bool = True
    put_aside: str | None = None
    woken: int = 0
    finished: list[timedelta | None] = attrs.Factory(list)
    retried: list[tuple[str, bool]] = attrs.Factory(list)
    renewed: list[tuple[str, ...]] = attrs.Factory(list)

    async def claim(self, job: str, worker: str) -> Lane | None:
        """The one lane, while it is free."""
        assert worker == "here"
        if not self.free:
            return None
        return Lane(job, LaneKind.SEND, ContactId(7), 1, self.put_aside)

    async def finish(self, job: str, worker: str, wait: timedelta | None) -> bool:
        """Once more, as often as it was woken."""
        assert (job, worker) == ("job", "here")
        self.finished.append(wait)
        self.woken -= 1
        return self.woken >= 0

    async def retry(
        self, job: str, worker: str, error: str, delay: timedelta, *, counts: bool
    ) -> None:
        """Remembers why."""
        assert (job, worker, delay) == ("job", "here", timedelta(seconds=5))
        self.retried.append((error, counts))

    async def renew(self, worker: str, jobs: Sequence[str]) -> tuple[str, ...]:
        """Remembers what."""
        assert worker == "here"
        self.renewed.append(tuple(jobs))
        return tuple(jobs)


@attrs.define
class Floor:
    """A runner with its surroundings; ``does`` is what its work returns or raises."""

    does: timedelta | Exception | None = None
    clock: Clock = attrs.Factory(Clock)
    book: Book = attrs.Factory(Book)
    published: list[str] = attrs.Factory(list)
    runner: LaneRunner = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.runner = LaneRunner(
            self.clock,
            "here",
            self.book,
            self.book,  # type: ignore[arg-type]  # it only renews
            {LaneKind.SEND: self._work},
            lambda ticket: self._publish(ticket),
        )

    async def _work(self, contact: ContactId) -> timedelta | None:
        assert contact == 7
        await self.runner.renew()
        if isinstance(self.does, Exception):
            raise self.does
        return self.does

    def _publish(self, ticket: Ticket) -> None:
        self.published.append(ticket.job)


async def test_it_looks_again_when_it_was_woken() -> None:
    """What came while it worked is done before it rests, under a lease that lasts."""
    floor = Floor(book=Book(woken=2))

    assert await floor.runner.run("job")

    assert floor.book.finished == [None, None, None]
    assert floor.book.renewed == [("job",)] * 3
    assert floor.runner.running == 0


async def test_it_is_given_to_the_broker_when_its_rest_is_over() -> None:
    """A rest ends in time, not with the next sweep."""
    floor = Floor(does=timedelta(seconds=6))
    await floor.runner.run("job")

    floor.clock.advance(5.9)
    assert floor.published == []
    floor.clock.advance(0.2)
    assert floor.published == ["job"]


async def test_a_long_rest_is_for_the_sweep() -> None:
    """Nothing here waits for a lane that rests for hours."""
    floor = Floor(does=timedelta(hours=3))

    await floor.runner.run("job")

    assert floor.clock.getDelayedCalls() == []


async def test_nothing_to_do() -> None:
    """A job that is no lane, or that another has, is not ours."""
    floor = Floor(book=Book(free=False))

    assert not await floor.runner.run("job")


async def test_a_lane_that_breaks_is_given_back(tidy: list[LogEvent]) -> None:
    """A fault of ours counts as an attempt and is logged; it is tried again soon."""
    floor = Floor(does=ValueError("oh"))

    assert await floor.runner.run("job")
    tidy.clear()

    assert floor.book.retried == [("ValueError: oh", True)]
    floor.clock.advance(5.1)
    assert floor.published == ["job"]


async def test_what_is_away_is_nobodys_fault() -> None:
    """An attempt that a missing database cut short does not count."""
    floor = Floor(does=Unavailable())

    await floor.runner.run("job")

    [(_, counts)] = floor.book.retried
    assert not counts
    floor.runner.stop()


async def test_a_stopping_node_takes_none() -> None:
    """It wakes nothing any more, and leaves what there is to others."""
    floor = Floor(does=timedelta(seconds=6))
    await floor.runner.run("job")

    floor.runner.stop()

    assert floor.clock.getDelayedCalls() == []
    assert not await floor.runner.run("job")
