"""Tokens that were not bought for oneself: vouchers, and payments for others."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest

from tests.browser.app import BALANCE, balance, sign_up
from tests.browser.chromium import Tab
from tests.browser.conftest import Site
from tests.browser.test_app_pages import looked_at
from tests.browser.test_app_paying import stands
from tests.system.people import Person
from zimgpt.domain import vouchers

pytestmark = pytest.mark.patience(240)

WELCOME = 1_000_000  # tokens of a new account
MAKE = "select make_vouchers(%s, %s, %s::bytea[], %s, 'tariro', 'for shops')"


def voucher(site: Site, tokens: int) -> tuple[str, str]:
    """A batch of one, as the command makes it: its name and its code."""
    batch, code = secrets.token_hex(8), vouchers.made(secrets.token_bytes(16))
    kept = [vouchers.digest(vouchers.read(code))]
    site.house.query(MAKE, batch, tokens, kept, timedelta(days=1))
    return batch, code


async def redeem(tab: Tab, code: str) -> None:
    """Types a code in the place of another, and sends it."""
    await tab.until(
        "document.querySelector('#voucher button')?.ariaDisabled !== 'true'"
    )
    await tab.run("document.querySelector('input[name=voucher]').select()")
    await tab.do("Input.insertText", text=code)
    await tab.run("document.querySelector('#voucher form').requestSubmit()")


async def test_a_voucher_is_redeemed_once(tab: Tab, site: Site) -> None:
    """It says what came and what there is; the purse knows; again, nothing comes."""
    await sign_up(tab, site)
    await tab.go(f"{site.url}/wallet")
    await tab.until("document.querySelector('input[name=voucher]')")
    _, code = voucher(site, 2_500)

    await redeem(tab, code.lower().replace("-", " "))

    await tab.reads("#voucher .note.good", "2,500 tokens. You have 1,002,500 now.")
    whole = WELCOME + 2_500
    await tab.until(f"document.querySelector('{BALANCE}').dataset.balance == {whole}")
    await looked_at(tab, "a voucher")
    await redeem(tab, code)
    await tab.reads("#voucher .note.plain", "You have used this voucher before")
    assert await balance(tab) == whole


async def test_a_voucher_that_is_refused_says_why(tab: Tab, site: Site) -> None:
    """Each in a sentence, in the reader's language; what was typed can be mended."""
    await sign_up(tab, site)
    await tab.go(f"{site.url}/wallet")
    await tab.until("document.querySelector('input[name=voucher]')")
    used, withdrawn = voucher(site, 10), voucher(site, 10)
    other = Person.sign_up(site.house["one"].url)
    reply = other.call("POST", "/api/v1/vouchers", {"code": used[1]})
    assert reply.status == 200
    site.house.query("select revoke_vouchers(%s, 'tariro', 'stolen')", withdrawn[0])
    unknown = vouchers.made(secrets.token_bytes(16))

    for code, words in (
        ("", "No voucher has a code like this"),
        ("ZV-7K3M", "No voucher has a code like this"),
        (unknown, "There is no such voucher"),
        (used[1], "used by somebody else"),
        (withdrawn[1], "was withdrawn"),
    ):
        await redeem(tab, code)
        await tab.reads("#voucher .note.bad", words)
    await looked_at(tab, "a voucher that was withdrawn")
    typed = await tab.run("document.querySelector('input[name=voucher]').value")
    assert typed == withdrawn[1]

    await tab.run("localStorage.setItem('zimgpt-language', 'nd')")
    await tab.go(f"{site.url}/wallet")
    await tab.reads("#voucher h2", "Ivawutsha")
    await redeem(tab, used[1])
    await tab.reads("#voucher .note.bad", "isetshenziswe ngomunye umuntu")
    assert await balance(tab) == WELCOME


async def give(tab: Tab, number: str) -> None:
    """Buys the smallest package for this number."""
    await tab.run("document.querySelector('input[name=beneficiary]').select()")
    await tab.do("Input.insertText", text=number)
    await tab.run("document.querySelector('#buy form').requestSubmit()")


async def test_tokens_are_bought_for_somebody_else(tab: Tab, site: Site) -> None:
    """The payer pays and sees for whom; the tokens come to the other one alone."""
    other = Person.sign_up(site.house["one"].url)
    await sign_up(tab, site)
    await tab.go(f"{site.url}/wallet")
    await tab.click("input[name=gift]")
    await tab.until("document.querySelector('input[name=beneficiary]')")
    await looked_at(tab, "a gift")

    await give(tab, other.phone)
    await tab.until("location.pathname === '/pay'")
    await tab.reads(".receipt", "Tokens for")
    reference = await tab.run("/ZG-[0-9A-Z]+/.exec(document.body.innerText)[0]")
    site.till.act(str(reference), "approve")

    await stands(tab, "credited")
    await tab.reads(".receipt", f"*** {other.phone[-4:]}")
    assert await balance(tab) == WELCOME
    theirs = other.call("GET", "/api/v1/me").json["balance"]["available"]
    assert theirs == WELCOME + 10_000


async def test_a_gift_that_cannot_be_is_refused(tab: Tab, site: Site) -> None:
    """For no number, and for one without an account; nothing has begun."""
    await sign_up(tab, site)
    await tab.go(f"{site.url}/wallet")
    await tab.click("input[name=gift]")
    await tab.until("document.querySelector('input[name=beneficiary]')")

    for number, words in (
        ("", "is not a Zimbabwean mobile number"),
        ("12", "is not a Zimbabwean mobile number"),
        ("0779 999 999", "no account"),
    ):
        await give(tab, number)
        await tab.reads("#buy .note.bad", words)

    typed = await tab.run("document.querySelector('input[name=beneficiary]').value")
    assert typed == "0779 999 999"
    assert await tab.run("location.pathname") == "/wallet"
    await tab.reads("main", "You have paid nothing yet.")
