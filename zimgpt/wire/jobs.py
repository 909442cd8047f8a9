"""The body of a job on the broker: which job, and the node that took the question.

::

    {"job": UUID, "origin": NODE}

PostgreSQL holds everything else. A field that this version does not know is
ignored, so that nodes of two versions can share a queue while one replaces the other.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Uuid = Annotated[
    str,
    msgspec.Meta(
        pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z"
    ),
]


class BadJob(Exception):  # noqa: N818 - named for what came, like the refusals
    """This is not a job of ours."""


class JobMessage(msgspec.Struct, frozen=True):
    """A job's id, and the node whose reader waits for its answer."""

    job: Uuid
    origin: str


_decoder = msgspec.json.Decoder(JobMessage)
_encoder = msgspec.json.Encoder()


def decode(body: bytes) -> JobMessage:
    """The job in a message's body; raises BadJob with what is wrong and where."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadJob(f"This is not a job of ours: {error}.") from None


def encode(message: JobMessage) -> bytes:
    """The message's body for a job."""
    return _encoder.encode(message)
