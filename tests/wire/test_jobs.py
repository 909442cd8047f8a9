import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.wire import jobs
from zimgpt.wire.jobs import BadJob, JobMessage

JOB = "3f6c0f0e-6d8b-4f5e-9a43-0d2a4f1b7c11"


def test_a_job_is_read_as_it_was_written() -> None:
    """What one node writes, another reads."""
    message = JobMessage(job=JOB, origin="harare-1")

    body = jobs.encode(message)

    assert body == b'{"job":"%s","origin":"harare-1"}' % JOB.encode()
    assert jobs.decode(body) == message


def test_unknown_fields_are_ignored() -> None:
    """A newer node's job is understood while an older one still works."""
    body = msgspec.json.encode({"job": JOB, "origin": "a", "added": [1, 2]})

    assert jobs.decode(body) == JobMessage(job=JOB, origin="a")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"job":"%s"}' % JOB.encode(),
        b'{"job":7,"origin":"a"}',
        b'{"job":"not a uuid","origin":"a"}',
        b'{"job":"%s\\n","origin":"a"}' % JOB.encode(),
        b'{"job":"%s","origin":"\xff"}' % JOB.encode(),
        b'{"job":"%s","origin":"a","deep":%s}' % (JOB.encode(), b"[" * 100_000),
    ],
)
def test_what_is_not_a_job_is_refused(body: bytes) -> None:
    """Garbage on the queue is one class of error, which says what is wrong."""
    with pytest.raises(BadJob, match=r"This is not a job of ours: .+"):
        jobs.decode(body)


@given(st.binary())
def test_any_bytes_are_a_job_or_refused(body: bytes) -> None:
    """No bytes raise anything else."""
    try:
        message = jobs.decode(body)
    except BadJob:
        return
    assert isinstance(message, JobMessage)
