"""The door that jobs come in by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.fakes.results import result_of
from zimgpt.flows.ports import Outcome
from zimgpt.inbound.worker import Worker
from zimgpt.wire.jobs import JobMessage, encode

JOB = "00000000-0000-4000-9000-000000000001"


async def never(_: str) -> bool:
    """No job is dead."""
    return False


async def always(_: str) -> bool:
    """Every job is dead."""
    return True


def test_a_job_is_run() -> None:
    """What the broker brings reaches the flow; nobody asks whether it died of it."""
    ran: list[str] = []

    async def run(job: str) -> bool:
        ran.append(job)
        return True

    outcome = result_of(Worker(run, always).job(encode(JobMessage(JOB, "there"))))

    assert (outcome, ran) == (Outcome.DONE, [JOB])


@pytest.mark.parametrize(
    ("is_dead", "expected"), [(never, Outcome.DONE), (always, Outcome.DEAD)]
)
def test_a_job_without_an_attempt(
    is_dead: Callable[[str], Awaitable[bool]], expected: Outcome
) -> None:
    """What could not be attempted, or broke, is done with or it is dead."""

    async def run(_: str) -> bool:
        return False

    outcome = result_of(Worker(run, is_dead).job(encode(JobMessage(JOB, "there"))))

    assert outcome is expected


def test_a_job_that_fails_is_not_acknowledged() -> None:
    """The broker offers it again."""

    async def run(_: str) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        result_of(Worker(run, never).job(encode(JobMessage(JOB, "there"))))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"job":"x","origin":"y"}', b"\xff"])
def test_what_is_not_a_job_is_dropped(body: bytes) -> None:
    """Nonsense in the queue does not come back for ever."""

    async def run(_: str) -> bool:
        raise AssertionError

    assert result_of(Worker(run, never).job(body)) is Outcome.DONE
