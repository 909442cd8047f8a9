"""The web app's files, as they lie in a folder."""

# Methods that ours inherit from Twisted have no annotations.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from typing import Any

from twisted.python.filepath import FilePath
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request
from twisted.web.static import File

from zimgpt.domain.errors import NotFound
from zimgpt.inbound.refusals import MethodRefused, refuse


class Nowhere(Resource):
    """An address that leads to nothing, whatever the method."""

    isLeaf = True

    def render(self, request: Request) -> bytes:
        """A 404."""
        return refuse(request, NotFound())


class Website(File):
    """Serves files, ``index.html`` for a folder, and never a list of files."""

    childNotFound = Nowhere()  # type: ignore[assignment]  # any resource will do
    forbidden = Nowhere()  # type: ignore[assignment]

    def getChild(self, path: bytes, request: Request) -> IResource:
        """What is not inside the folder, however it is spelled, is not there."""
        child: Any = super().getChild(path, request)
        if isinstance(child, Website) and not _inside(child, self):
            return self.childNotFound
        found: IResource = child
        return found

    def directoryListing(self) -> IResource:
        """No list."""
        return self.childNotFound

    def render(self, request: Request) -> Any:  # noqa: ANN401 - Twisted's own
        """A file, whole; kept by browsers, and asked about before it is shown again."""
        if request.method not in (b"GET", b"HEAD"):
            request.setHeader(b"Allow", b"GET, HEAD")
            return refuse(request, MethodRefused())
        request.requestHeaders.removeHeader(b"Range")
        request.setHeader(b"Cache-Control", b"no-cache")
        return super().render(request)


def _inside(child: FilePath[Any], folder: FilePath[Any]) -> bool:
    """Links that lead out of the folder are not followed."""
    root = folder.realpath()
    real = child.realpath()
    return real == root or root in real.parents()


def website(folder: str) -> Website:
    """The files below ``folder``."""
    return Website(folder, defaultType="application/octet-stream")
