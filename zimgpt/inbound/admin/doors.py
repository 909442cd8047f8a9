"""``/admin``: its pages and its rooms, at the addresses that are meant for it."""

# Methods that ours inherit from Twisted have no annotations.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

from klein import Klein
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request

from zimgpt.inbound.website import Nowhere

NAMES: Final = frozenset((b"admin", b"admin.html", b"admin.css"))
"""What the admin pages' addresses begin with."""
SHARED: Final = frozenset(
    (*NAMES, b"_next", b"icon.svg", b"icon-192.png", b"healthz", b"favicon.ico")
)
"""What is served at a host that is for operators alone."""


class ToPages(Resource):
    """The bare host of operators: its pages are below."""

    isLeaf = True

    def render(self, request: Request) -> bytes:
        """Leads there."""
        request.redirect(b"/admin")
        return b""


class Admin:
    """``rooms`` are routers by the part of the address after ``/admin/api/``.

    ``origins`` are those of the admin pages; where they are none of the ``public``
    ones, their hosts serve nothing else.
    """

    def __init__(
        self,
        rooms: Mapping[bytes, Klein],
        *,
        origins: Collection[str],
        public: Collection[str],
    ) -> None:
        self._hosts = _hosts(origins)
        self._alone = self._hosts - _hosts(public)
        self._nowhere = Nowhere()
        self._to_pages = ToPages()
        self._rooms = {name: router.resource() for name, router in rooms.items()}

    def here(self, request: Request) -> bool:
        """Whether it is asked at one of the pages' hosts."""
        return _host(request) in self._hosts

    def greet(self, name: bytes, request: Request) -> IResource | None:
        """What serves this request, if it is for or against operators; None if it is
        anybody's."""
        host = _host(request)
        if host not in self._hosts:
            return self._nowhere if name in NAMES else None
        if host in self._alone and name == b"":
            return self._to_pages
        if host in self._alone and name not in SHARED:
            return self._nowhere
        path = [name, *(request.postpath or [])]
        if path[:2] != [b"admin", b"api"]:
            return None
        request.prepath, request.postpath = [], path
        return self._rooms.get(b"".join(path[2:3]), self._nowhere)


class AdminRoot(Resource):
    """A site that has nothing but the admin pages."""

    def __init__(self, admin: Admin, website: IResource) -> None:
        super().__init__()
        self._admin = admin
        self._website = website
        self._nowhere = Nowhere()

    def getChild(self, name: bytes, request: Request) -> IResource:
        """At other hosts there is nothing at all."""
        if not self._admin.here(request):
            return self._nowhere
        return self._admin.greet(name, request) or self._website


def _host(request: Request) -> bytes:
    return (request.getHeader(b"Host") or b"").lower()


def _hosts(origins: Collection[str]) -> frozenset[bytes]:
    """Hosts as browsers name them: with their port, where it is not the usual one."""
    return frozenset(urlsplit(origin).netloc.lower().encode() for origin in origins)
