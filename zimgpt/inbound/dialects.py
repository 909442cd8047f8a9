"""Refusals without a route: in OpenAI's shape at ``/v1``, in ours elsewhere."""

from __future__ import annotations

from typing import Final

from twisted.web.server import Request

from zimgpt.domain.errors import Refusal
from zimgpt.inbound import program_errors, refusals

PROGRAMS: Final = b"/v1/"


def told(path: bytes, refusal: Refusal) -> bytes:
    """The JSON of a refusal, as whoever asks at this path understands it."""
    if path.startswith(PROGRAMS):
        return program_errors.body_of(refusal)
    return refusals.body_of(refusal)


def refused(request: Request, refusal: Refusal) -> bytes:
    """Sets status and headers; returns the body."""
    path: bytes = request.path
    if path.startswith(PROGRAMS):
        return program_errors.refused(request, refusal)
    return refusals.refuse(request, refusal)
