"""All of it together: what listens on two ports, and what posts to merchants."""

from __future__ import annotations

from random import Random
from typing import Any

from twisted.internet.interfaces import IListeningPort, IReactorTime
from twisted.web.resource import IResource
from twisted.web.server import Site

from zimgpt.embedded.doubles.sites import Guarded, Quiet, Split
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
        return Quiet(Split(apps, self._door))

    def console(self) -> Site:
        """What drills and whoever plays the people reach."""
        return Quiet(Guarded({"control": self._control}, self._page))

    def close(self) -> None:
        """Nothing happens any more."""
        self.callbacks.close()
        self.book.close()


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
