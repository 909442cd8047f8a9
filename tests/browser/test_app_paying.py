"""Buying tokens in the web app: a real browser, a real server, and a gateway beside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.app import BALANCE, balance, sign_up
from tests.browser.chromium import Tab
from tests.browser.conftest import Site
from tests.browser.test_app_pages import looked_at

pytestmark = pytest.mark.patience(240)

STATE = "[data-state]"
PACKAGE = 10_000  # tokens of the smallest
NOTHING_SOLD = """fetch = ((real) => (...asked) => /packages$/.test(asked[0])
  ? Promise.resolve(Response.json({currencies: [], methods: [], packages: []}))
  : real(...asked))(fetch)"""


async def buy(tab: Tab, site: Site, method: str) -> str:
    """Begins a payment for the smallest package; returns our reference."""
    await tab.go(f"{site.url}/wallet")
    await tab.click(f"input[name=method][value={method}]")
    await tab.until(f"document.querySelector('input[value={method}]').checked")
    await tab.run("document.querySelector('#buy form').requestSubmit()")
    await tab.until("location.pathname === '/pay'")
    await tab.until("document.querySelector('.receipt')")
    return str(await tab.run("/ZG-[0-9A-Z]+/.exec(document.body.innerText)[0]"))


async def stands(tab: Tab, state: str) -> None:
    """Waits until the page says so."""
    await tab.until(f"document.querySelector('{STATE}')?.dataset.state === '{state}'")


async def credited(tab: Tab) -> None:
    """The tokens are there, on this page and in the purse, once."""
    await stands(tab, "credited")
    await tab.reads(".receipt", "Payment service's reference")
    whole = 1_000_000 + PACKAGE
    await tab.until(f"document.querySelector('{BALANCE}').dataset.balance == {whole}")
    assert await balance(tab) == whole


def reverse(site: Site, reference: str, act: str) -> None:
    """Money goes back, and the gateway is asked now: not, as else, half a minute on."""
    site.till.act(reference, act)
    site.house.query(
        "update payments set looked_at = looked_at - interval '1 minute',"
        " next_poll_at = clock_timestamp() where merchant_ref = %s",
        reference,
    )


async def test_a_payment_is_approved_on_the_phone(tab: Tab, site: Site) -> None:
    """The page asks for nothing, says what to do, and has the tokens by itself."""
    await sign_up(tab, site)

    reference = await buy(tab, site, "ecocash")
    await tab.reads(".steps", "PIN there")
    await looked_at(tab, "a payment to approve")
    site.till.act(reference, "approve")

    await credited(tab)
    await looked_at(tab, "a receipt")
    await tab.go(f"{site.url}/wallet")
    await tab.reads(".line-link", "Paid")
    await tab.click("section:last-of-type .button")
    await tab.reads(".movement .came", "+10,000")
    await looked_at(tab, "a wallet")


async def test_a_wrong_pin_pays_nothing_and_is_explained(tab: Tab, site: Site) -> None:
    """The reason, what to do, and the same package chosen again."""
    await sign_up(tab, site)
    reference = await buy(tab, site, "onemoney")
    await tab.until("document.querySelector('.steps')")

    site.till.act(reference, "wrong-pin")

    await stands(tab, "failed")
    await tab.reads(STATE, "the PIN was wrong")
    await looked_at(tab, "a failure")
    await tab.click("a.button[href*='package=']")
    await tab.until("document.querySelector('.package input')?.checked")
    assert await balance(tab) == 1_000_000


async def test_an_innbucks_code_is_shown_and_paid(tab: Tab, site: Site) -> None:
    """In figures, as a picture, and as a link into the app."""
    await sign_up(tab, site)

    reference = await buy(tab, site, "innbucks")
    await tab.until("document.querySelector('.qr')?.naturalWidth > 0")
    code = site.till.payment(reference)["code"]
    await tab.reads(".phrase", code)
    links = "[...document.querySelectorAll('.pay-code a')].map((one) => one.href)"
    assert all(code in link for link in await tab.run(links))
    await looked_at(tab, "a code")
    site.till.act(reference, "approve")

    await credited(tab)


async def test_an_omari_code_is_handed_in(tab: Tab, site: Site) -> None:
    """A wrong one is told, and the right one typed after it pays."""
    await sign_up(tab, site)
    reference = await buy(tab, site, "omari")
    await tab.until("document.querySelector('input[name=code]')")
    code = str(site.till.payment(reference)["code"])
    wrong = f"{(int(code) + 1) % 1_000_000:06}"

    await tab.type("input[name=code]", wrong)
    await tab.run("document.querySelector('input[name=code]').form.requestSubmit()")
    await tab.reads(".note.bad", "code")
    await looked_at(tab, "a code to type")
    await tab.run("document.querySelector('input[name=code]').select()")
    await tab.do("Input.insertText", text=code)
    await tab.run("document.querySelector('input[name=code]').form.requestSubmit()")

    await credited(tab)


async def test_a_card_is_paid_on_the_gateways_page(tab: Tab, site: Site) -> None:
    """Coming back says nothing; asking does, and so the page has the tokens."""
    await sign_up(tab, site)
    await buy(tab, site, "web")

    await tab.click("a.button[href*='ConfirmPayment']")
    await tab.until("document.querySelector('.deed')")
    await tab.run("document.querySelector('.deed').click()")
    await tab.until("location.pathname === '/pay'")

    await credited(tab)


async def test_a_payment_in_zig_is_disputed_and_paid_back(tab: Tab, site: Site) -> None:
    """Each turn is told on the open page; the tokens go when the money does."""
    rate = "insert into rates (currency, cents_per_dollar) values ('ZWG', 2650)"
    site.house.query(rate)
    await sign_up(tab, site)
    await tab.go(f"{site.url}/wallet")
    await tab.click("input[value=ZWG]")
    await tab.reads("#buy .package", "ZiG 13.25")
    await looked_at(tab, "prices in ZiG")
    await tab.run("document.querySelector('#buy form').requestSubmit()")
    await tab.until("document.querySelector('.steps')")
    await tab.reads(".receipt", "ZiG 13.25")
    reference = str(await tab.run("/ZG-[0-9A-Z]+/.exec(document.body.innerText)[0]"))

    site.till.act(reference, "approve")
    await credited(tab)
    reverse(site, reference, "dispute")
    await stands(tab, "disputed")
    await tab.until(f"document.querySelector('{BALANCE}').dataset.balance == 1000000")
    await looked_at(tab, "a dispute")
    reverse(site, reference, "refund")
    await stands(tab, "refunded")
    await looked_at(tab, "a payment that went back")


@pytest.mark.parametrize(
    ("state", "change"),
    [
        ("checking", "sent_at = sent_at - interval '11 minutes'"),
        ("review", "state = 'review', reason = 'amount', next_poll_at = null"),
    ],
)
async def test_what_is_not_known_yet_is_said_without_alarm(
    tab: Tab, site: Site, state: str, change: str
) -> None:
    """While we ask on, and while a person looks."""
    await sign_up(tab, site)
    reference = await buy(tab, site, "ecocash")
    await tab.until("document.querySelector('.steps')")

    one = "version = version + 1 where merchant_ref = %s"
    site.house.query(f"update payments set {change}, {one}", reference)
    await tab.reload()

    await stands(tab, state)
    await tab.reads(STATE, "need not pay again")
    await looked_at(tab, state)


async def test_i_have_paid_asks_at_once(tab: Tab, site: Site) -> None:
    """It says that it has asked, and what is still unpaid stays so."""
    await sign_up(tab, site)
    await buy(tab, site, "ecocash")
    await tab.until("document.querySelector('.steps')")

    await tab.run(
        "[...document.querySelectorAll('button')]"
        ".find((one) => one.innerText === 'I have paid').click()"
    )

    await tab.reads(".pay .note", "asked again")
    await stands(tab, "waiting")


async def test_a_lost_network_does_not_lose_a_payment(tab: Tab, site: Site) -> None:
    """The page says that it is old; then it knows."""
    await sign_up(tab, site)
    reference = await buy(tab, site, "ecocash")
    await tab.until("document.querySelector('.steps')")

    site.wire.cut()
    await tab.reads(".note.warn", "No network")
    site.till.act(reference, "approve")
    site.wire.mend()

    await credited(tab)


async def test_the_sentence_is_in_the_readers_language(tab: Tab, site: Site) -> None:
    """Also when the websocket, which speaks English, was the first to tell."""
    await sign_up(tab, site)
    await tab.run("localStorage.setItem('zimgpt-language', 'sn')")
    reference = await buy_in_shona(tab, site)

    await tab.reads(STATE, "Bvumai mubhadharo")
    site.till.act(reference, "approve")

    await tab.reads(STATE, "Zvabhadharwa")


async def buy_in_shona(tab: Tab, site: Site) -> str:
    """As anybody buys."""
    reference = await buy(tab, site, "ecocash")
    lang: Any = await tab.run("document.documentElement.lang")
    assert lang == "sn"
    return reference


async def test_a_number_is_known_by_its_wallet(tab: Tab, site: Site) -> None:
    """One of NetOne pays by OneMoney; one that is none is refused here already."""
    await sign_up(tab, site)
    await tab.go(f"{site.url}/wallet")
    await tab.until("document.querySelector('input[name=phone]')?.value")
    chosen = "document.querySelector('input[name=method]:checked').value"
    assert await tab.run(chosen) == "ecocash"

    for written, method in (("+263 71 234 5678", "onemoney"), ("12", "ecocash")):
        await tab.run("document.querySelector('input[name=phone]').select()")
        await tab.do("Input.insertText", text=written)
        await tab.until(f"{chosen} === '{method}'")
    await tab.run("document.querySelector('#buy form').requestSubmit()")

    await tab.reads("#buy .note.bad", "mobile number")
    assert await tab.run("location.pathname") == "/wallet"


async def test_where_nothing_is_sold_the_wallet_says_so(tab: Tab, site: Site) -> None:
    """The balance and what was spent are there all the same."""
    await sign_up(tab, site)
    await tab.do("Page.addScriptToEvaluateOnNewDocument", source=NOTHING_SOLD)

    await tab.go(f"{site.url}/wallet")

    await tab.reads("#buy", "Nothing is sold here just now.")
    await tab.reads(".balance", "1,000,000")
    await looked_at(tab, "a wallet where nothing is sold")


async def test_a_payment_of_somebody_else_is_not_here(tab: Tab, site: Site) -> None:
    """An address with another's id, or none, leads back to the wallet."""
    await sign_up(tab, site)

    for query in ("", "?payment=0194f0c0-7b1e-4c3a-9d55-0a1b2c3d4e5f"):
        await tab.go(f"{site.url}/pay{query}")
        await tab.reads(".empty", "not here any more")
