"""The web app beside a phone with WhatsApp: a new password, and one wallet for both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from pytest_twisted import blockon

from tests.browser.app import PASSWORD, ended, new_number, ready
from tests.browser.chromium import Tab
from tests.browser.test_app_pages import looked_at
from tests.browser.wire import Wire
from tests.servers.postgresql import PostgreSQL
from tests.system.harness import House, Plan
from tests.system.phone import Somebody, Telephony, joined
from zimgpt.embedded import children

pytestmark = pytest.mark.patience(240)

PHRASE = "document.querySelector('.phrase').innerText"
NAMED = (
    "[...document.querySelectorAll('main button')]"
    ".find((one) => /%s/.test(one.innerText))"
)


@attrs.frozen
class Town:
    """A server and the phones around it."""

    url: str
    wire: Wire
    phones: Telephony


@pytest.fixture(scope="module")
def town(postgres: PostgreSQL) -> Iterator[Town]:
    """A node with WhatsApp, at an address that its pages know."""
    from twisted.internet import reactor

    (near,) = children.free_ports(1)
    url = f"http://127.0.0.1:{near}"
    with (
        postgres.database() as database,
        joined(
            lambda phones: House(
                database, nodes=[Plan("one", settings={"origins": url} | phones)]
            ),
            "one",
        ) as exchange,
    ):
        wire = Wire(exchange.house["one"].port)
        port: Any = wire.listen(reactor, near)
        yield Town(url, wire, exchange.phones)
        wire.cut()
        blockon(port.stopListening())  # type: ignore[no-untyped-call]


async def press(tab: Tab, words: str) -> None:
    """Presses the button with these words, once it is there."""
    button = NAMED % words
    await tab.until(button)
    await tab.run(f"{button}.click()")


async def proved(tab: Tab, town: Town, number: str) -> Somebody:
    """Somebody with WhatsApp who may choose a password in the page now."""
    someone = town.phones.somebody("+263" + number[1:])
    someone.ask("hello")
    await tab.go(f"{town.url}/enter")
    await press(tab, "New password by WhatsApp")
    await tab.until("document.querySelector('.phrase')")
    someone.ask(str(await tab.run(PHRASE)))
    await tab.reads("main", "Your number is proved")
    return someone


async def let_in(tab: Tab) -> None:
    """They choose one."""
    await tab.type(".card input[name=password]", PASSWORD)
    await tab.run("document.querySelector('form.card').requestSubmit()")
    await ready(tab)


async def test_a_forgotten_password_is_replaced_by_whatsapp(
    tab: Tab, town: Town
) -> None:
    """The phrase is sent from the phone; then the new password lets in."""
    number = new_number()
    await proved(tab, town, number)
    await looked_at(tab, "a new password")
    await let_in(tab)

    await tab.go(f"{town.url}/account")
    await tab.reads("main", f"linked to this account, from +263{number[1:]}")
    await tab.until("document.querySelector('.bone') === null")
    await looked_at(tab, "an account with WhatsApp")


async def test_a_phone_is_linked_from_the_account(tab: Tab, town: Town) -> None:
    """Another number's WhatsApp joins; the page says so as soon as it has."""
    await tab.go(f"{town.url}/enter?new")
    fresh = "document.querySelector('input[name=password]')?.autocomplete"
    await tab.until(f"{fresh} === 'new-password'")
    await tab.type("input[name=phone]", new_number())
    await tab.type("input[name=password]", PASSWORD)
    await tab.run("document.querySelector('form').requestSubmit()")
    await ready(tab)
    await tab.go(f"{town.url}/account")
    someone = town.phones.somebody()

    await press(tab, "Link WhatsApp")
    await tab.until("document.querySelector('.phrase')")
    someone.ask(str(await tab.run(PHRASE)))

    await tab.reads("main", f"linked to this account, from {someone.phone}")


async def test_what_is_asked_through_whatsapp_shows_on_the_page(
    tab: Tab, town: Town
) -> None:
    """Its chat comes first in the list, and goes on in the page that shows it."""
    someone = await proved(tab, town, new_number())
    await let_in(tab)
    await tab.click(".opener")
    await tab.until("document.querySelector('dialog .talks-none')")

    someone.ask("words:5 by phone")
    await tab.reads("dialog .talk", "words:5 by phone")
    await tab.click("dialog .talk")
    await tab.reads(".question", "words:5 by phone")
    await ended(tab, 5)
    someone.ask("words:6 more by phone")

    await tab.reads(".turn:last-of-type .question", "words:6 more by phone")
    await ended(tab, 6)
