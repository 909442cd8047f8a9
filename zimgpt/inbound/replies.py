"""Answers of the API: JSON with its length, a file, or nothing."""

from __future__ import annotations

import msgspec
from twisted.web.server import Request


def reply(request: Request, value: msgspec.Struct, *, status: int = 200) -> bytes:
    """Sets status and headers for ``value`` as JSON; returns the body."""
    return as_json(request, status, msgspec.json.encode(value))


def as_json(request: Request, status: int, body: bytes) -> bytes:
    """Sets status and headers for JSON that is already bytes; returns it."""
    request.setResponseCode(status)
    request.setHeader(b"Content-Type", b"application/json")
    request.setHeader(b"Content-Length", b"%d" % len(body))
    request.setHeader(b"Cache-Control", b"no-store")
    return body


def as_file(request: Request, media: str, disposition: str, body: bytes) -> bytes:
    """Sets the headers of a file that is kept and not shown; returns it."""
    request.setHeader(b"Content-Type", media.encode())
    request.setHeader(b"Content-Disposition", disposition.encode())
    request.setHeader(b"Content-Length", b"%d" % len(body))
    request.setHeader(b"Cache-Control", b"private, no-store")
    return body


def nothing(request: Request) -> bytes:
    """Sets the status of a success that has nothing to say."""
    request.setResponseCode(204)
    request.setHeader(b"Cache-Control", b"no-store")
    return b""
