"""All of it together: what listens on one port, and what posts to the server."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort, IReactorTime
from twisted.logger import Logger
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request, Site

from zimgpt.embedded.phone import people
from zimgpt.embedded.phone.acting import Acting
from zimgpt.embedded.phone.control import Control
from zimgpt.embedded.phone.graph import VERSION, Graph
from zimgpt.embedded.phone.habits import Habits
from zimgpt.embedded.phone.page import Page
from zimgpt.embedded.phone.posting import Callback
from zimgpt.embedded.phone.statuses import Statuses
from zimgpt.embedded.phone.webhooks import Post, Webhooks
from zimgpt.embedded.phone.world import World

log = Logger()

AGAIN: Final = 1.0  # seconds between two handshakes, until one passes
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


class Phones:
    """A WhatsApp with its people.

    ``world`` and ``habits`` are there to be changed; ``acting`` plays the people;
    ``webhooks`` knows what was posted and how quickly it was answered; ``graph`` what
    was asked. Without ``post``, webhooks wait until ``connect`` shook hands.
    """

    def __init__(
        self,
        clock: IReactorTime,
        *,
        secret: str,
        token: str,
        number: str = people.NUMBER,
        post: Post | None = None,
        dice: Random | None = None,
        epoch: float = 0.0,
    ) -> None:
        dice = dice or Random(1)  # noqa: S311 - nothing here is secret
        numbers = {number: people.DISPLAY}
        self.habits = Habits()
        self.world = World(clock, dice, token=token, numbers=numbers, epoch=epoch)
        self.webhooks = Webhooks(self.world, self.habits, secret, post)
        self.statuses = Statuses(self.world, self.habits, self.webhooks)
        self.acting = Acting(self.world, self.webhooks, number)
        self.graph = Graph(self.world, self.habits, self.statuses)
        self.control = Control(self.world, self.habits, self.webhooks, self.acting)
        self.page = Page(self.world, self.statuses, self.acting)
        self._clock = clock

    def site(self) -> Site:
        """What to listen with."""
        return _Quiet(_Root(self), timeout=None)  # type: ignore[no-untyped-call]

    def connect(self, url: str, verify_token: str) -> None:
        """Shakes hands with a callback until it answers; posts to it from then on."""
        callback = Callback(self._clock, url)
        self.webhooks.through(callback.post)
        self._shake(callback, verify_token)

    def close(self) -> None:
        """Nothing is posted any more."""
        self.webhooks.close()
        self.world.close()

    def _shake(self, callback: Callback, token: str) -> None:
        async def attempt() -> None:
            challenge = str(self.world.dice.randrange(10**9))
            if await callback.handshake(token, challenge):
                self.webhooks.handshaken()
            elif not self.webhooks.closed:
                self.world.later(AGAIN, self._shake, callback, token)

        Deferred.fromCoroutine(attempt()).addErrback(
            lambda failure: log.failure("the handshake broke", failure)
        )


class _Root(Resource):
    """Three apps on one port, told apart by the first part of the path."""

    def __init__(self, phones: Phones) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._graph: IResource = phones.graph.app.resource()
        self._control: IResource = phones.control.app.resource()
        self._page: IResource = phones.page.app.resource()

    def getChild(self, path: bytes, request: Request) -> IResource:
        """The app that answers; the page's and the control's only under our name."""
        assert request.prepath is not None
        assert request.postpath is not None
        request.prepath.pop()
        request.postpath.insert(0, path)
        first = path.decode(errors="replace")
        if VERSION.fullmatch(first) or first == "attachments":
            return self._graph
        host = (request.getHeader("host") or "").rpartition(":")[0]
        if host not in LOOPBACK:
            return _Forbidden()  # type: ignore[no-untyped-call]
        return self._control if first == "control" else self._page


class _Forbidden(Resource):
    isLeaf = True

    def render(self, request: Request) -> bytes:
        request.setResponseCode(403)
        return b"Open this under its loopback address."


class _Quiet(Site):
    displayTracebacks = False

    def log(self, request: object) -> None:
        """A line for every request would slow the tests down."""


def listen(phones: Phones, port: int = 0) -> tuple[IListeningPort, str]:
    """Where it listens, on loopback, and its address."""
    from twisted.internet import reactor

    site: Any = phones.site()
    listening = reactor.listenTCP(port, site, interface="127.0.0.1")
    where: Any = listening.getHost()
    return listening, f"http://127.0.0.1:{where.port}"
