"""The web app as its tests use it: signing up, asking, waiting, and what was heard."""

from __future__ import annotations

import json
from itertools import count
from typing import Any, Final

from tests.browser.chromium import Tab
from tests.browser.conftest import Site
from tests.system.harness import text_of

PASSWORD: Final = "a long enough password"
ANSWER: Final = ".turn:last-of-type .prose"
COST: Final = ".turn:last-of-type [data-cost]"
BALANCE: Final = "[data-balance]"
_numbers = count(1)


def new_number() -> str:
    """A mobile number that nobody has yet."""
    return f"077201{next(_numbers):04}"


async def enter(tab: Tab, site: Site, number: str, password: str, *, new: bool) -> None:
    """Opens the door, fills in its form and sends it."""
    await tab.go(f"{site.url}/enter{'?new' if new else ''}")
    fresh = json.dumps("new-password" if new else "current-password")
    await tab.until(
        f"document.querySelector('input[name=password]')?.autocomplete === {fresh}"
    )
    await tab.until("document.querySelector('form .button').disabled === false")
    await tab.type("input[name=phone]", number)
    await tab.type("input[name=password]", password)
    await tab.run("document.querySelector('form').requestSubmit()")


async def sign_up(tab: Tab, site: Site) -> str:
    """A new person, in front of a new chat; returns their number."""
    number = new_number()
    await enter(tab, site, number, PASSWORD, new=True)
    await ready(tab)
    return number


async def ready(tab: Tab) -> None:
    """Waits until there is a place to ask, and the wallet is known."""
    await tab.until("document.querySelector('.composer textarea')")
    await tab.until(f"document.querySelector('{BALANCE}')")


async def ask(tab: Tab, text: str) -> None:
    """Types a question and sends it."""
    await tab.type(".composer textarea", text)
    await tab.until("document.querySelector('.send')?.ariaDisabled === 'false'")
    await tab.click(".send")


async def ended(tab: Tab, words: int) -> None:
    """Waits for the last answer's end; its text is whole, and there once."""
    await tab.until(f"document.querySelector('{COST}')")
    assert await shown(tab) == text_of(words).strip()


async def shown(tab: Tab) -> str:
    """The last answer, as it is read."""
    text = await tab.run(f"document.querySelector('{ANSWER}').textContent")
    return str(text).strip()


async def cost(tab: Tab) -> int:
    """What the last answer cost, as it is shown."""
    return int(await tab.run(f"document.querySelector('{COST}').dataset.cost"))


async def balance(tab: Tab) -> int:
    """What the purse says."""
    return int(await tab.run(f"document.querySelector('{BALANCE}').dataset.balance"))


def frames(tab: Tab, kind: str) -> list[dict[str, Any]]:
    """Messages of a type that the page has received; text has none."""
    messages = [json.loads(payload) for payload in tab.received]
    return [message for message in messages if message.get("type", "text") == kind]
