"""All of it together: what listens on one port, and what posts to the server."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort, IReactorTime
from twisted.logger import Logger
from twisted.web.resource import IResource
from twisted.web.server import Site

from zimgpt.embedded.doubles.sites import Guarded, Quiet, Split
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
        return Quiet(_Root(self))

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


class _Root(Split):
    """The Graph API under whatever name; page and control door under ours alone."""

    def __init__(self, phones: Phones) -> None:
        control: IResource = phones.control.app.resource()
        page: IResource = phones.page.app.resource()
        super().__init__({}, Guarded({"control": control}, page))
        self._graph: IResource = phones.graph.app.resource()

    def choose(self, first: str) -> IResource:
        """The app for this first part of a path."""
        if VERSION.fullmatch(first) or first == "attachments":
            return self._graph
        return super().choose(first)


def listen(phones: Phones, port: int = 0) -> tuple[IListeningPort, str]:
    """Where it listens, on loopback, and its address."""
    from twisted.internet import reactor

    site: Any = phones.site()
    listening = reactor.listenTCP(port, site, interface="127.0.0.1")
    where: Any = listening.getHost()
    return listening, f"http://127.0.0.1:{where.port}"
