"""The web app's files: those that lie in a folder when the server starts."""

# Methods that ours inherit from Twisted have no annotations.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import attrs
from twisted.web.http import CACHED
from twisted.web.resource import Resource
from twisted.web.server import Request

from zimgpt.domain.errors import NotFound
from zimgpt.inbound.refusals import MethodRefused, refuse

KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
UNKNOWN: Final = "application/octet-stream"

NAMED_BY_CONTENT: Final = "/_next/static/"
"""Files whose names change with what is in them: never asked about again."""


class Nowhere(Resource):
    """An address that leads to nothing, whatever the method."""

    isLeaf = True

    def render(self, request: Request) -> bytes:
        """A 404."""
        return refuse(request, NotFound())


@attrs.frozen
class Page:
    """One file."""

    path: Path
    size: int
    kind: str
    etag: str
    cache: str


class Website(Resource):
    """Serves the files of a folder, and nothing that was not there at the start.

    An address is looked up, never made into a path: none leads out of the folder.
    """

    isLeaf = True

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        self._pages = dict(_pages(Path(folder).resolve()))

    def render(self, request: Request) -> bytes:
        """A whole file; browsers keep it and ask whether it has changed."""
        page = self._pages.get(unquote(request.path))
        if page is None:
            return refuse(request, NotFound())
        if request.method not in (b"GET", b"HEAD"):
            request.setHeader(b"Allow", b"GET, HEAD")
            return refuse(request, MethodRefused())
        request.setHeader(b"Cache-Control", page.cache.encode())
        if request.setETag(page.etag.encode()) is CACHED:
            return b""
        request.setHeader(b"Content-Type", page.kind.encode())
        request.setHeader(b"Content-Length", b"%d" % page.size)
        return b"" if request.method == b"HEAD" else page.path.read_bytes()


def website(folder: str) -> Website:
    """The files below ``folder``."""
    return Website(folder)


def _pages(folder: Path) -> list[tuple[str, Page]]:
    """Every file by each of its addresses."""
    return [
        (address, _page(path, address))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.resolve().is_relative_to(folder)
        for address in _addresses("/" + path.relative_to(folder).as_posix())
    ]


def _page(path: Path, address: str) -> Page:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:32]
    forever = address.startswith(NAMED_BY_CONTENT)
    return Page(
        path,
        len(content),
        KINDS.get(path.suffix, UNKNOWN),
        f'"{digest}"',
        "public, max-age=31536000, immutable" if forever else "no-cache",
    )


def _addresses(name: str) -> set[str]:
    """``/about.html`` is also ``/about``; ``/about/index.html`` also ``/about/``."""
    plain = name.removesuffix(".html")
    place = plain.removesuffix("index") if plain.endswith("/index") else plain
    return {name, plain, place, place.rstrip("/") or "/"}
