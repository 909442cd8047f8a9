"""The door that jobs come in by."""

from __future__ import annotations

import pytest

from tests.fakes.results import result_of
from zimgpt.inbound.worker import Worker
from zimgpt.wire.jobs import JobMessage, encode

JOB = "00000000-0000-4000-9000-000000000001"


def test_a_job_is_run() -> None:
    """What the broker brings reaches the flow."""
    ran: list[str] = []

    async def run(job: str) -> None:
        ran.append(job)

    result_of(Worker(run).job(encode(JobMessage(JOB, "there"))))

    assert ran == [JOB]


def test_a_job_that_fails_is_not_acknowledged() -> None:
    """The broker offers it again."""

    async def run(_: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        result_of(Worker(run).job(encode(JobMessage(JOB, "there"))))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"job":"x","origin":"y"}', b"\xff"])
def test_what_is_not_a_job_is_dropped(body: bytes) -> None:
    """Nonsense in the queue does not come back for ever."""

    async def run(_: str) -> None:
        raise AssertionError

    result_of(Worker(run).job(body))
