"""Essays in the web app: from a price to the last word, whatever happens between."""

from __future__ import annotations

import json

import pytest

from tests.browser.app import BALANCE, sign_up
from tests.browser.chromium import Tab
from tests.browser.conftest import Site
from tests.browser.test_app_pages import looked_at

pytestmark = pytest.mark.patience(240)

KEEPING = """
const made = URL.createObjectURL;
let size = 0;
URL.createObjectURL = (file) => { size = file.size; return made.call(URL, file); };
HTMLAnchorElement.prototype.click = ((click) => function () {
  if (this.protocol === "blob:") window.kept = [this.download, size];
  else click.call(this);
})(HTMLAnchorElement.prototype.click);
"""
SHARED = "navigator.share = async ({ text }) => { window.shared = text; }"
NAMED = "[...document.querySelectorAll('{}')].find((one) => /{}/.test(one.innerText))"
FIELD = (
    "(() => {{ const one = document.querySelector({}); one.focus(); one.select(); }})()"
)


async def press(tab: Tab, words: str) -> None:
    """Presses the button with these words, once it can be pressed."""
    button = NAMED.format("main button", words)
    await tab.until(f"{button} && {button}.ariaDisabled !== 'true'")
    await tab.run(f"{button}.click()")


async def fill(tab: Tab, field: str, text: str) -> None:
    """Types into a field, over what is there."""
    await tab.run(FIELD.format(json.dumps(field)))
    await tab.do("Input.insertText", text=text)


async def order(tab: Tab, site: Site, topic: str, words: int) -> None:
    """A topic and a length, until the price is there."""
    await tab.go(f"{site.url}/essay")
    await tab.until("document.querySelector('.essay textarea')")
    await fill(tab, ".essay textarea", topic)
    await fill(tab, "input[name=words]", str(words))
    await tab.until("document.querySelector('[data-most]')")


async def begin(tab: Tab, site: Site, topic: str, words: int) -> None:
    """An essay that is being written, at its own address."""
    await order(tab, site, topic, words)
    await press(tab, "Write it at once")
    await tab.until("location.pathname.startsWith('/essay/')")
    await tab.until("document.querySelector('[data-words]')?.dataset.words > 20")


async def whole(tab: Tab, site: Site) -> None:
    """The page has the text to the byte, and the person has paid for it once."""
    await tab.until("document.querySelector('.essay-tools [data-cost]')")
    await tab.run(SHARED)
    await tab.click("[aria-label='Share as text']")
    await tab.until("window.shared !== undefined")
    conversation = await tab.run("location.pathname.split('/').at(-1)")
    [(text,)] = site.house.query(
        "select text from answers where conversation_id = %s order by id desc limit 1",
        conversation,
    )
    assert await tab.run("window.shared") == text
    paid = ".essay-tools [data-cost]"
    left = 1_000_000 - await tab.run(f"+document.querySelector('{paid}').dataset.cost")
    await tab.until(f"document.querySelector('{BALANCE}').dataset.balance == {left}")


async def test_an_essay_from_its_price_to_its_file(tab: Tab, site: Site) -> None:
    """Price, outline, another order of it, the essay by it, and a file of it."""
    await sign_up(tab, site)
    await order(tab, site, "Why do rivers flood?", 300)
    await looked_at(tab, "an essay's order")

    await press(tab, "outline first")
    await tab.until("document.querySelectorAll('.outline-section').length === 3")
    await looked_at(tab, "an outline")
    await tab.click("[aria-label='Move section 2 up']")
    first = "document.querySelector('.outline-section .heading').value"
    await tab.until(f"{first} === 'Rain'")
    await fill(tab, ".outline-section:nth-child(2) .heading", "What it is")
    await press(tab, "Write the essay")

    await tab.until("document.querySelector('.essay-tools')")
    headings = "[...document.querySelectorAll('.paper h4')].map((one) => one.innerText)"
    assert await tab.run(headings) == ["Rain", "What it is", "Conclusion"]
    await looked_at(tab, "an essay")
    await tab.run(KEEPING)
    await tab.click("a[href*=docx]")
    await tab.until("window.kept")
    assert await tab.run("window.kept[0]") == "Why do rivers flood.docx"
    assert await tab.run("window.kept[1]") > 1_000
    await tab.run("window.kept = undefined")
    await tab.offline(True)
    await tab.click("a[href*=docx]")
    await tab.reads(".essay-tools .note.bad", "No connection")
    assert await tab.run("window.kept === undefined")
    await tab.offline(False)


async def test_fifty_cuts_leave_an_essay_whole(tab: Tab, site: Site) -> None:
    """To the byte, at one price, with a reload among them."""
    await sign_up(tab, site)
    await begin(tab, site, "Why do rivers flood? delay:10", 900)

    for number in range(50):
        site.wire.cut()
        site.wire.mend()
        if number == 25:
            await tab.reload()
            await tab.until("document.querySelector('.essay')")
        await tab.run("window.dispatchEvent(new Event('online'))")

    await whole(tab, site)


async def test_a_server_that_dies_leaves_an_essay_whole(tab: Tab, site: Site) -> None:
    """What was written goes on or begins again; the page has what the server has."""
    node = site.house["one"]
    await sign_up(tab, site)
    await begin(tab, site, "Why do rivers flood? delay:10", 300)

    node.kill()
    node.begin()
    node.ready()

    await whole(tab, site)


async def test_an_essay_that_is_too_dear_is_not_ordered(tab: Tab, site: Site) -> None:
    """The page says so beside the price, and offers what the balance covers."""
    number = await sign_up(tab, site)
    site.house.query(
        "update accounts set balance = 8000 where kind = 'available' and user_id ="
        " (select id from users where phone_e164 = %s)",
        "+263" + number[1:],
    )
    await order(tab, site, "Why do rivers flood?", 5_000)

    await tab.reads(".note.warn", "tokens too few")
    assert await tab.run("document.querySelector('.note.warn a').pathname") == "/wallet"
    outline = NAMED.format("main button", "outline first")
    assert await tab.run(f"{outline}.ariaDisabled") == "true"
    said = f"document.getElementById({outline}.getAttribute('aria-describedby'))"
    assert "too few" in await tab.run(f"{said}.innerText")
    await looked_at(tab, "an essay that is too dear")
    await press(tab, "Make it")
    await tab.until("document.querySelector('.note.warn') === null")
    site.house.query(
        "update accounts set balance = 1000000 where kind = 'available' and user_id ="
        " (select id from users where phone_e164 = %s)",
        "+263" + number[1:],
    )


async def test_what_is_typed_survives_a_reload(tab: Tab, site: Site) -> None:
    """A topic that was not sent is there again, on this phone alone."""
    await sign_up(tab, site)
    await order(tab, site, "Why do rivers flood?", 450)

    await tab.reload()

    topic = "document.querySelector('.essay textarea')?.value"
    await tab.until(f"{topic} === 'Why do rivers flood?'")
    assert await tab.run("document.querySelector('input[name=words]').value") == "450"
