"""Pages of other sites that may use the API: by a token, never by somebody's cookie.

Fetch standard, CORS protocol. ``Access-Control-Allow-Credentials`` is never sent, so a
browser neither sends our cookie for them nor keeps one.
"""

# Methods that ours inherit from Twisted have no annotations.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from twisted.web.resource import IResource, Resource
from twisted.web.server import Request

METHODS: Final = b"GET, POST, PATCH, DELETE"
HEADERS: Final = b"Authorization, Content-Type, X-ZG-Proof"
TOLD: Final = b"Content-Disposition, Location, Retry-After"
"""Headers of ours that a guest's script may read beside the ordinary ones."""
KEPT: Final = b"7200"
"""Seconds that a browser remembers what it was allowed; the most that browsers do."""


class Allowed(Resource):
    """The answer to a browser that asks before it asks (a preflight)."""

    isLeaf = True

    def render(self, request: Request) -> bytes:
        """What may be asked."""
        request.setResponseCode(204)
        request.setHeader(b"Access-Control-Allow-Methods", METHODS)
        request.setHeader(b"Access-Control-Allow-Headers", HEADERS)
        request.setHeader(b"Access-Control-Max-Age", KEPT)
        return b""


class Guests:
    """Knows them by their origins, as browsers write them."""

    def __init__(self, origins: Collection[str] = ()) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)
        self._allowed = Allowed()

    def greet(self, request: Request) -> IResource | None:
        """Lets a guest's script read the answer; the answer itself, for a preflight."""
        if not self._origins:
            return None
        request.responseHeaders.addRawHeader(b"Vary", b"Origin")
        origin = request.getHeader(b"Origin")
        if origin not in self._origins:
            return None
        request.setHeader(b"Access-Control-Allow-Origin", origin)
        request.setHeader(b"Access-Control-Expose-Headers", TOLD)
        return self._allowed if request.method == b"OPTIONS" else None
