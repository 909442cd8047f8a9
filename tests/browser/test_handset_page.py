"""The page that is everybody's handset, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest_twisted

from tests.browser.chromium import Tab
from tests.fakes.paynow import Gateway, client, gateway, listen, request
from zimgpt.domain.topups.networks import Method
from zimgpt.flows.ports.payments import Opened, Visit
from zimgpt.outbound.connections import Connections


@attrs.frozen
class Handset:
    """The double behind the page, and a shop's side of it."""

    url: str
    console: str
    gateway: Gateway
    connections: Connections

    async def buy(self, reference: str, method: Method) -> Opened:
        """Somebody buys."""
        from twisted.internet import reactor

        paynow = client(self.connections.http, reactor, self.url)
        return await paynow.initiate(request(reference, method))

    def status(self, reference: str) -> str:
        """How it stands."""
        return self.gateway.book.find(reference).status


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def handset() -> AsyncIterator[Handset]:
    """A double whose callbacks are all taken."""
    from twisted.internet import reactor

    clock: Any = reactor
    made = gateway(clock=clock)
    ports: Any
    ports, url, console = listen(made)
    connections = Connections(clock)
    yield Handset(url, console, made, connections)
    await connections.close()
    made.close()
    for listening in ports:
        await listening.stopListening()


async def test_a_prompt_shows_and_is_approved(handset: Handset, tab: Tab) -> None:
    """As it comes; then it is among what has passed, with what can still happen."""
    await tab.go(handset.console)
    await tab.until("!document.querySelector('#nothing').hidden")
    await handset.buy("zg-1", Method.ECOCASH)
    await tab.reads("#waiting", "Enter your EcoCash PIN")
    await tab.run("document.querySelector('#waiting .deed').click()")
    await tab.reads("#past .state", "Paid")
    await tab.run("document.querySelector('#past .acts button:last-child').click()")
    await tab.reads("#past .state", "Refunded")

    assert handset.status("zg-1") == "Refunded"
    assert tab.complaints == []


async def test_codes_are_shown(handset: Handset, tab: Tab) -> None:
    """InnBucks' to pay by, O'mari's to type where one buys."""
    await handset.buy("zg-1", Method.INNBUCKS)
    await handset.buy("zg-2", Method.OMARI)
    await tab.go(handset.console)

    for reference in ("zg-1", "zg-2"):
        await tab.reads("#waiting", handset.gateway.book.find(reference).code)
    assert tab.complaints == []


async def test_the_checkout_page_pays(handset: Handset, tab: Tab) -> None:
    """One press, and the browser is back at the shop."""
    opened = await handset.buy("zg-1", Method.WEB)
    assert isinstance(opened.prompt, Visit)
    handset.gateway.book.find("zg-1").return_url = f"{handset.console}/#back"

    await tab.go(opened.prompt.url)
    await tab.reads("h1", "USD 5.00")
    await tab.run("document.querySelector('.deed').click()")
    await tab.until("location.hash === '#back'")

    assert handset.status("zg-1") == "Paid"
    assert tab.complaints == []
