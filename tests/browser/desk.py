"""The admin pages as their tests use them: an operator signs in with a real code."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Final

import attrs
import psycopg2

from tests.browser.chromium import Tab
from tests.browser.conftest import Site
from tests.service.home import query
from zimgpt.domain import one_time_codes as codes
from zimgpt.store import operator_accounts
from zimgpt.store.passwords import hasher

PASSWORD: Final = "a long password of an operator"
_numbers = count(1)


@attrs.frozen
class Operator:
    """Their name and what their phone knows."""

    name: str
    secret: str

    def code(self) -> str:
        """What the phone shows now."""
        return codes.code_at(self.secret, codes.step_at(datetime.now(UTC)))


def new_operator(site: Site) -> Operator:
    """Somebody new, made as the command line does."""
    number = next(_numbers)
    operator = Operator(f"op{number}", codes.secret_of(bytes([number]) * 20))
    connection = psycopg2.connect(site.house.database)
    try:
        with connection:
            operator_accounts.add(
                connection,
                operator.name,
                hasher().hash(PASSWORD),
                operator.secret,
                who="a test",
                reason="",
            )
    finally:
        connection.close()
    return operator


async def sign_in(tab: Tab, site: Site, address: str = "/admin") -> Operator:
    """Through both steps of the door, to the page of that address."""
    operator = new_operator(site)
    await tab.go(site.url + address)
    await tab.until("document.querySelector('input[name=password]')")
    await tab.type("input[name=name]", operator.name)
    await tab.type("input[name=password]", PASSWORD)
    await tab.run("document.querySelector('form').requestSubmit()")
    await tab.until("document.querySelector('input[name=code]')")
    await tab.type("input[name=code]", operator.code())
    await tab.run("document.querySelector('form').requestSubmit()")
    await tab.until("document.querySelector('.shell.inside')")
    return operator


async def press(tab: Tab, card: str, words: str) -> None:
    """Presses the button in a card that says this, once it is there."""
    button = (
        f"[...document.querySelectorAll('{card} button')]"
        f".find((one) => one.innerText === '{words}')"
    )
    await tab.until(button)
    await tab.run(f"{button}.click()")


def number(site: Site, sql: str, *values: object) -> int:
    """One number of the database."""
    [(value,)] = query(site.house.database, sql, *values)
    return int(value)
