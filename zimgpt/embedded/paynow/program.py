"""All of it together: what listens on two ports, and what posts to merchants."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from twisted.internet.interfaces import IListeningPort, IReactorTime
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request, Site

from zimgpt.embedded.paynow.book import Book
from zimgpt.embedded.paynow.callbacks import Callbacks, Post
from zimgpt.embedded.paynow.checkout import Checkout
from zimgpt.embedded.paynow.control import Control
from zimgpt.embedded.paynow.door import Door
from zimgpt.embedded.paynow.interface import Interface
from zimgpt.embedded.paynow.keeping import Shelf
from zimgpt.embedded.paynow.merchants import Merchant
from zimgpt.embedded.paynow.page import Page
from zimgpt.embedded.paynow.posting import Merchants
from zimgpt.embedded.paynow.timeline import Timeline

LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


class Gateway:
    """A Paynow with its people.

    ``book`` is there to be changed; ``timeline`` plays the people; ``interface`` knows
    what was asked, and can be asked without a socket. Without ``post``, callbacks go
    over HTTP.
    """

    def __init__(
        self,
        clock: IReactorTime,
        *merchants: Merchant,
        shelf: Shelf | None = None,
        post: Post | None = None,
        dice: Random | None = None,
        epoch: float = 0.0,
    ) -> None:
        dice = dice or Random(1)  # noqa: S311 - nothing here is secret
        self.book = Book(clock, dice, shelf, epoch=epoch)
        self.book.merchants.update({merchant.id: merchant for merchant in merchants})
        self.callbacks = Callbacks(self.book, post or Merchants(clock).post)
        self.timeline = Timeline(self.book, self.callbacks)
        self.interface = Interface(self.book, self.callbacks, self.timeline)
        self._door: IResource = Door(clock, self.interface).app.resource()
        checkout = Checkout(self.book, self.timeline)
        self._checkout: IResource = checkout.app.resource()
        control = Control(self.book, self.interface, self.callbacks, self.timeline)
        self._control: IResource = control.app.resource()
        page = Page(self.book, self.callbacks, self.timeline)
        self._page: IResource = page.app.resource()

    def resume(self) -> None:
        """Goes on where the program before this one ended."""
        self.timeline.resume()
        self.callbacks.resume()

    def site(self) -> Site:
        """What merchants and payers reach."""
        apps = {"Payment": self._checkout, "checkout.css": self._checkout}
        return _Quiet(_Split(apps, self._door), timeout=None)  # type: ignore[no-untyped-call]

    def console(self) -> Site:
        """What drills and whoever plays the people reach."""
        split = _Guarded({"control": self._control}, self._page)
        return _Quiet(split, timeout=None)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Nothing happens any more."""
        self.callbacks.close()
        self.book.close()


class _Split(Resource):
    """Apps on one port, told apart by the first part of the path."""

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
        return self._apps.get(path.decode(errors="replace"), self._other)


class _Guarded(_Split):
    def getChild(self, path: bytes, request: Request) -> IResource:
        """The app that answers, under our own name alone."""
        host = (request.getHeader("host") or "").rpartition(":")[0]
        if host not in LOOPBACK:
            return _Forbidden()  # type: ignore[no-untyped-call]
        return super().getChild(path, request)


class _Forbidden(Resource):
    isLeaf = True

    def render(self, request: Request) -> bytes:
        request.setResponseCode(403)
        return b"Open this under its loopback address."


class _Quiet(Site):
    displayTracebacks = False

    def log(self, request: object) -> None:
        """A line for every request would slow the tests down."""


def listen(
    gateway: Gateway, port: int = 0, console: int = 0
) -> tuple[tuple[IListeningPort, IListeningPort], str, str]:
    """Where it listens, on loopback, and the addresses of gateway and console."""
    from twisted.internet import reactor

    sites: tuple[Any, Any] = gateway.site(), gateway.console()
    site = reactor.listenTCP(port, sites[0], interface="127.0.0.1")
    door = reactor.listenTCP(console, sites[1], interface="127.0.0.1")
    where: Any = site.getHost()
    gateway.book.url = f"http://127.0.0.1:{where.port}"
    there: Any = door.getHost()
    return (site, door), gateway.book.url, f"http://127.0.0.1:{there.port}"
