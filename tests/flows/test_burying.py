"""Jobs that have died."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import attrs
import pytest
from twisted.logger import (
    ILogObserver,
    LogEvent,
    LogLevel,
    formatEvent,
    globalLogPublisher,
)
from zope.interface import implementer

from tests.fakes.memory import MemoryLetters
from tests.fakes.results import result_of
from zimgpt.flows.burying import BATCH, EVERY, Burying
from zimgpt.flows.ports import DeadJob

ONE = DeadJob("00000000-0000-4000-9000-000000000001", "chat", "here", 5, "ValueError")


@attrs.define
class Graves:
    """``ports.DeadJobs``."""

    jobs: list[DeadJob] = attrs.Factory(list)
    named: list[str] = attrs.Factory(list)
    mine: bool = True

    async def turn(self, every: timedelta) -> bool:
        """As the test wants it."""
        assert every == EVERY
        return self.mine

    async def untold(self, limit: int) -> tuple[DeadJob, ...]:
        """Those that were not named."""
        assert limit == BATCH
        return tuple(one for one in self.jobs if one.job not in self.named)

    async def told(self, jobs: Sequence[str]) -> None:
        """Named."""
        self.named += jobs

    async def all(self) -> tuple[DeadJob, ...]:
        """All."""
        return tuple(self.jobs)

    async def is_dead(self, _job: str) -> bool:
        """Not in these tests."""
        raise AssertionError


@pytest.fixture
def said() -> Iterator[list[tuple[str, str]]]:
    """What is logged: level and text."""
    lines: list[tuple[str, str]] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        level: LogLevel = event["log_level"]
        lines.append((level.name, formatEvent(event)))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


def test_each_dead_job_raises_one_alarm(said: list[tuple[str, str]]) -> None:
    """It names the job, its kind, its attempts and the kind of its last error."""
    graves, letters = Graves([ONE]), MemoryLetters([ONE.job])
    burying = Burying(graves, letters)

    result_of(burying.round())
    result_of(burying.round())

    assert said == [
        (
            "critical",
            f"job {ONE.job} (chat) is dead after 5 attempts: ValueError;"
            " see `python -m zimgpt jobs`",
        )
    ]


def test_letters_are_left_alone_while_they_are_as_many_as_the_dead() -> None:
    """Looking is cheap; sorting is for when something is amiss."""
    letters = MemoryLetters([ONE.job])

    result_of(Burying(Graves([ONE], named=[ONE.job]), letters).round())

    assert letters.sorted == 0


@pytest.mark.parametrize("jobs", [[], [ONE.job, "revived"], [ONE.job, ONE.job]])
def test_letters_are_put_right(jobs: list[str]) -> None:
    """A lost one is written again; one too many, or of a living job, goes."""
    letters = MemoryLetters(jobs)

    result_of(Burying(Graves([ONE]), letters).round())

    assert letters.jobs == [ONE.job]


def test_another_node_looks_after_them(said: list[tuple[str, str]]) -> None:
    """One node at a time does it for all."""
    letters = MemoryLetters()

    result_of(Burying(Graves([ONE], mine=False), letters).round())

    assert (letters.jobs, said) == ([], [])


def test_the_alarm_needs_no_broker(said: list[tuple[str, str]]) -> None:
    """The letters follow when it is back."""
    graves, letters = Graves([ONE]), MemoryLetters(refuses=True)

    result_of(Burying(graves, letters).round())
    letters.refuses = False
    result_of(Burying(graves, letters).round())

    assert [level for level, _ in said] == ["critical", "warn", "info"]
    assert letters.jobs == [ONE.job]
