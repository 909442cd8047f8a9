"""The web app: files that lie in a folder when the server starts."""

# Methods that ours inherit from Twisted have no annotations.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

from twisted.web.http import CACHED
from twisted.web.resource import Resource
from twisted.web.server import Request

from zimgpt.domain.errors import NotFound
from zimgpt.inbound import website_files
from zimgpt.inbound.refusals import MethodRefused, refuse
from zimgpt.inbound.website_files import Form, Page

UNBUILT: Final = (
    b"ZimGPT is running, but its web app was not built into it. Build it with `make"
    b" web` and start again. The API is at /api/v1, its websocket at /ws.\n"
)
LOST: Final = "/404"


class Nowhere(Resource):
    """An address that leads to nothing, whatever the method."""

    isLeaf = True

    def render(self, request: Request) -> bytes:
        """A 404."""
        return refuse(request, NotFound())


class Unbuilt(Resource):
    """Stands where the web app would, and says that it is not there."""

    isLeaf = True

    def render(self, request: Request) -> bytes:
        """A sentence at ``/``, a 404 elsewhere."""
        if request.path != b"/":
            return refuse(request, NotFound())
        if request.method not in (b"GET", b"HEAD"):
            request.setHeader(b"Allow", b"GET, HEAD")
            return refuse(request, MethodRefused())
        request.setResponseCode(503)
        request.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
        request.setHeader(b"Content-Length", b"%d" % len(UNBUILT))
        return b"" if request.method == b"HEAD" else UNBUILT


class Website(Resource):
    """Serves the files of a folder, in the smallest form that a browser takes."""

    isLeaf = True

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        self._files = website_files.read(Path(folder))

    @property
    def scripts(self) -> tuple[str, ...]:
        """CSP sources of the code that stands in the pages."""
        return self._files.scripts

    def render(self, request: Request) -> bytes:
        """A whole file; browsers keep it and ask whether it has changed."""
        page = self._files.find(unquote(request.path))
        if page is None:
            return self._lost(request)
        if request.method not in (b"GET", b"HEAD"):
            request.setHeader(b"Allow", b"GET, HEAD")
            return refuse(request, MethodRefused())
        request.setHeader(b"Cache-Control", page.cache.encode())
        form = _chosen(request, page)
        tag = "-".join(filter(None, (page.digest, form.coding)))
        if request.setETag(f'"{tag}"'.encode()) is CACHED:
            return b""
        return _sent(request, page, form)

    def _lost(self, request: Request) -> bytes:
        """A slash too many is taken away; else people get a page, programs a sentence
        in JSON."""
        name = unquote(request.path).rstrip("/")
        if not PurePosixPath(name).suffix and self._files.find(name) is not None:
            _, mark, query = request.uri.partition(b"?")
            request.setHeader(b"Location", request.path.rstrip(b"/") + mark + query)
            request.setResponseCode(308)
            return b""
        page = self._files.find(LOST)
        if page is None or b"text/html" not in (request.getHeader(b"Accept") or b""):
            return refuse(request, NotFound())
        request.setResponseCode(404)
        return _sent(request, page, _chosen(request, page))


def website(folder: str | Path) -> Website | Unbuilt:
    """The app in ``folder``, or what says that there is none."""
    built = Path(folder, "index.html").is_file()
    return Website(folder) if built else Unbuilt()


def _sent(request: Request, page: Page, form: Form) -> bytes:
    request.setHeader(b"Content-Type", page.kind.encode())
    request.setHeader(b"Content-Length", b"%d" % form.size)
    if form.coding:
        request.setHeader(b"Content-Encoding", form.coding.encode())
    return b"" if request.method == b"HEAD" else form.path.read_bytes()


def _chosen(request: Request, page: Page) -> Form:
    """The smallest form that the browser takes (RFC 9110, 12.5.3)."""
    if len(page.forms) == 1:
        return page.forms[0]
    request.setHeader(b"Vary", b"Accept-Encoding")
    lines = request.requestHeaders.getRawHeaders(b"Accept-Encoding", [])
    taken = _taken(b",".join(lines).decode("latin-1"))
    return next(form for form in page.forms if form.coding in taken)


def _taken(header: str) -> set[str]:
    """Codings that are named, and not with a weight of nothing."""
    taken = {""}
    for part in header.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";")
        if weight.strip("q=0.") or not weight:
            taken.add(coding)
    return taken
