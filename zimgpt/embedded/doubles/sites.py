"""Several apps on one port of this machine, and who may open which.

Pages and control doors answer our own name alone, so that no page from elsewhere can
play with them.
"""

from __future__ import annotations

from typing import Final

from twisted.web.resource import IResource, Resource
from twisted.web.server import Request, Site

LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


class Split(Resource):
    """Apps told apart by the first part of the path; ``other`` has the rest."""

    def __init__(self, apps: dict[str, IResource], other: IResource) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._apps = apps
        self._other = other

    def getChild(self, path: bytes, request: Request) -> IResource:
        """The app that answers."""
        assert request.prepath is not None
        assert request.postpath is not None
        request.prepath.pop()
        request.postpath.insert(0, path)
        return self.choose(path.decode(errors="replace"))

    def choose(self, first: str) -> IResource:
        """The app for this first part of a path."""
        return self._apps.get(first, self._other)


class Guarded(Split):
    """The same, under a loopback name only; others are refused with a sentence."""

    def getChild(self, path: bytes, request: Request) -> IResource:
        """The app that answers, or the refusal."""
        host = (request.getHeader("host") or "").rpartition(":")[0]
        if host not in LOOPBACK:
            return _Forbidden()  # type: ignore[no-untyped-call]
        return super().getChild(path, request)


class _Forbidden(Resource):
    isLeaf = True

    def render(self, request: Request) -> bytes:
        request.setResponseCode(403)
        return b"Open this under its loopback address."


class Quiet(Site):
    """A site that logs nothing: a line for every request would slow the tests down."""

    displayTracebacks = False

    def __init__(self, resource: IResource) -> None:
        super().__init__(resource, timeout=None)  # type: ignore[no-untyped-call]

    def log(self, request: object) -> None:
        """Nothing."""
