"""A port for the operator's own machines: does this process live, and how does it fare.

It is apart from the port that people use, so that a firewall can tell them apart.
"""

# Methods that ours inherit from Twisted have no annotations.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Awaitable, Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from twisted.web.pages import notFound
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request

from zimgpt.inbound.site import Site, make_site

HEADERS = (
    (b"Cache-Control", b"no-store"),
    (b"X-Content-Type-Options", b"nosniff"),
)


class Lives(Resource):
    """``/livez``: whoever hears this knows that the reactor turns."""

    isLeaf = True

    def render_GET(self, request: Request) -> bytes:
        """Nothing is asked of anybody else."""
        request.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
        return b"alive\n"


class Tells(Resource):
    """``/metrics``: what ``tell`` says at this moment."""

    isLeaf = True

    def __init__(self, tell: Callable[[], Awaitable[bytes]], kind: str) -> None:
        super().__init__()
        self._tell = tell
        self._kind = kind

    def render_GET(self, request: Request) -> int:
        """Some of it may have to be asked for."""
        request.setHeader(b"Content-Type", self._kind.encode())
        return _answer(request, self._tell())


class Ready(Resource):
    """``/readyz``: whether people should be sent here, and how each part is."""

    isLeaf = True

    def __init__(self, look: Callable[[], Awaitable[tuple[bool, bytes]]]) -> None:
        super().__init__()
        self._look = look

    def render_GET(self, request: Request) -> int:
        """200 or 503, which is all that a proxy reads."""
        request.setHeader(b"Content-Type", b"application/json")

        async def say() -> bytes:
            ready, body = await self._look()
            request.setResponseCode(200 if ready else 503)
            return body

        return _answer(request, say())


class _Root(Resource):
    def getChild(self, path: bytes, request: Request) -> IResource:  # noqa: ARG002
        return notFound()


def _answer(request: Request, body: Awaitable[bytes]) -> int:
    """Writes it when it is there, if somebody still waits for it."""
    waiting = True

    async def say() -> None:
        whole = await body
        if waiting:
            request.write(whole)
            request.finish()

    def gone(_: Failure) -> None:
        nonlocal waiting
        waiting = False

    request.notifyFinish().addErrback(gone)
    Deferred.fromCoroutine(say()).addErrback(request.processingFailed)
    return NOT_DONE_YET


def make_telling(
    tell: Callable[[], Awaitable[bytes]],
    kind: str,
    look: Callable[[], Awaitable[tuple[bool, bytes]]],
    reactor: IReactorTime,
) -> Site:
    """What listens there; ``kind`` is the content type of what is told, and ``look``
    says whether the node is ready."""
    root = _Root()
    root.putChild(b"readyz", Ready(look))
    root.putChild(b"livez", Lives())
    root.putChild(b"metrics", Tells(tell, kind))
    return make_site(root, reactor, HEADERS)
