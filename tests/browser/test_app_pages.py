"""Every page of the web app: reachable by anybody, readable, in three languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.app import (
    PASSWORD,
    ask,
    ended,
    enter,
    new_number,
    ready,
    sign_up,
)
from tests.browser.chromium import Tab
from tests.browser.conftest import Site

pytestmark = pytest.mark.patience(240)

WEB = Path(__file__).parents[2] / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
OPEN = ("/", "/enter", "/enter?new", "/help", "/offline", "/nowhere")
INSIDE = ("/chat", "/account", "/wallet", "/essay")

FAULTS = """axe.run(document, { resultTypes: ["violations"] }).then((found) =>
  found.violations.map((one) => one.id + ": " + one.nodes.map((n) => n.html).join()))"""

SCRIPTS = [{"urlPattern": "*/_next/static/chunks/*"}]
"""They stay on their way from `Fetch.enable` to `Fetch.disable`."""

KEPT = """new Promise((kept) => {
  const look = () => caches.open("zimgpt-assets").then((all) => all.keys())
    .then((all) => (all.length > 10 ? kept(true) : setTimeout(look, 50)));
  look();
})"""

LATE = """(() => {
  const real = fetch;
  const held = new Promise((done) => (window.release = done));
  let first = true;
  window.fetch = async (...asked) => {
    const late = first && String(asked[0]).endsWith("/api/v1/me");
    if (late) first = false;
    const reply = await real(...asked);
    if (late) await held;
    return reply;
  };
})()"""
"""The first answer to who is here stays on its way until it is released."""

WIDE = """[...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility() && !one.closest(".unseen, .skip, .table, pre"))
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.outerHTML)"""


async def faults(tab: Tab) -> list[str]:
    """What axe finds on the page."""
    await tab.run(AXE.read_text("utf-8"))
    found: list[str] = await tab.run(FAULTS)
    return found


async def looked_at(tab: Tab, address: str) -> None:
    """Nothing to find for axe in light and dark, nothing too wide at 320 px."""
    await tab.until("document.querySelector('main :is(h1, h2, .composer)')")
    await tab.until("document.querySelector('.bone') === null")
    for width, scheme in ((320, "light"), (1280, "dark")):
        await tab.shown(width, 700, scheme)
        assert await faults(tab) == [], (address, width, scheme)
        assert await tab.run(WIDE) == [], (address, width)
        assert await tab.run("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("address", OPEN)
async def test_pages_for_anybody(tab: Tab, site: Site, address: str) -> None:
    """They stand without a session, and everybody can read them."""
    await tab.go(site.url + address)

    await looked_at(tab, address)


async def test_pages_for_who_is_signed_in(tab: Tab, site: Site) -> None:
    """A chat with an answer, its list, a new one, the account."""
    await sign_up(tab, site)
    await ask(tab, "words:30 " + "Dzimbahwe" * 9)
    await ended(tab, 30)
    await looked_at(tab, "a chat")
    await tab.shown(360, 700)
    await tab.click(".opener")
    await tab.until("document.querySelector('dialog .talk')")
    assert await faults(tab) == []

    for address in INSIDE:
        await tab.go(site.url + address)
        await tab.until("document.querySelector('[data-balance]')")
        await looked_at(tab, address)


@pytest.mark.parametrize("address", INSIDE)
async def test_strangers_are_led_to_the_door_and_back(
    tab: Tab, site: Site, address: str
) -> None:
    """Whoever signs in there comes to where they wanted to be."""
    number = new_number()
    await enter(tab, site, number, PASSWORD, new=True)
    await ready(tab)
    await tab.run(
        "fetch('/api/v1/me').then((reply) => reply.json()).then(({ csrf }) =>"
        " fetch('/api/v1/sessions/current', {method: 'DELETE',"
        " headers: {'X-ZG-CSRF': csrf}}))"
    )

    await tab.go(site.url + address)
    await tab.until("location.pathname === '/enter'")
    await tab.until("document.querySelector('input[name=phone]')")
    await tab.type("input[name=phone]", number)
    await tab.type("input[name=password]", PASSWORD)
    await tab.run("document.querySelector('form').requestSubmit()")

    await tab.until(f"location.pathname === '{address}'")


async def test_the_door_leads_to_our_own_pages_only(tab: Tab, site: Site) -> None:
    """A link with another site in it ends in a new chat."""
    await sign_up(tab, site)

    await tab.go(f"{site.url}/enter?to=//evil.example/")

    await tab.until("location.pathname === '/chat'")


@pytest.mark.parametrize(
    ("language", "words"),
    [("sn", "Bvunzai, mupindurwe"), ("nd", "Buza, uphendulwe")],
)
async def test_a_language_is_chosen_and_kept(
    tab: Tab, site: Site, language: str, words: str
) -> None:
    """After a reload the page is in it from the start, and says so to readers."""
    await tab.go(site.url)
    await tab.until(f"document.querySelector('input[value={language}]')")

    await tab.click(f"input[value={language}]")
    await tab.reads(".hero-title", words)
    await tab.go(site.url)

    await tab.reads(".hero-title", words)
    assert await tab.run("document.documentElement.lang") == language
    assert await tab.run("getComputedStyle(document.body).visibility") == "visible"


async def test_a_language_tapped_before_the_script_is_chosen(
    tab: Tab, site: Site
) -> None:
    """On a slow phone the words come long before what listens to who taps them."""
    await tab.do("Fetch.enable", patterns=SCRIPTS)
    await tab.do("Page.navigate", url=site.url)
    await tab.click("input[value=sn]")

    await tab.do("Fetch.disable")

    await tab.reads(".hero-title", "Bvunzai, mupindurwe")
    assert await tab.run("document.querySelector('input[value=sn]').checked")
    await tab.go(site.url)
    await tab.reads(".hero-title", "Bvunzai, mupindurwe")


async def test_answers_come_in_the_language_that_was_chosen(
    tab: Tab, site: Site
) -> None:
    """Whatever the pages speak; an essay's order begins with it, too."""
    await sign_up(tab, site)
    await tab.go(f"{site.url}/account")
    chosen = "document.querySelector('input[name=answer-language][value=sn]')"
    await tab.until(f"{chosen}?.disabled === false")
    await tab.run(f"{chosen}.click()")
    await tab.until(f"{chosen}.checked")

    await tab.go(f"{site.url}/essay")
    essay = "document.querySelector('input[name=essay-language][value=sn]')"
    await tab.until(f"{essay}?.checked")
    await tab.go(f"{site.url}/chat")
    await ready(tab)
    await ask(tab, "words:3 in Shona")
    await ended(tab, 3)

    [asked] = site.house.upstream.asked("words:3 in Shona")
    assert "Answer in Shona (chiShona)" in asked["messages"][0]["content"]


async def test_refusals_are_sentences(tab: Tab, site: Site) -> None:
    """A number or a password that is refused can be mended and sent."""
    await enter(tab, site, "+1 650 253 0000", PASSWORD, new=True)
    await tab.reads(".note.bad", "mobile number")
    await enter(tab, site, new_number(), "12345678", new=True)
    await tab.reads(".note.bad", "Please choose a password")
    await enter(tab, site, new_number(), PASSWORD, new=False)
    await tab.reads(".note.bad", "The number or the password is wrong.")


async def test_signing_out_leaves_nothing(tab: Tab, site: Site) -> None:
    """Whoever has the browser next finds neither words nor a session."""
    await sign_up(tab, site)
    await ask(tab, "words:5")
    await ended(tab, 5)
    await tab.go(f"{site.url}/account")
    await tab.reads("main", "Sign out")

    await tab.click("main .card button")

    await tab.until("location.pathname === '/enter'")
    kept = "Object.keys(localStorage).filter((one) => !/language|data/.test(one))"
    assert await tab.run(kept) == []
    assert await tab.run("fetch('/api/v1/me').then((reply) => reply.status)") == 401


async def test_an_answer_on_its_way_brings_nobody_back(tab: Tab, site: Site) -> None:
    """Who has signed out stays out, whatever was asked of the server before."""
    await sign_up(tab, site)
    await tab.do("Page.addScriptToEvaluateOnNewDocument", source=LATE)
    await tab.go(f"{site.url}/account")
    await tab.reads("main", "Sign out")
    await tab.click("main .card button")
    await tab.until("location.pathname === '/enter'")

    await tab.run("(release(), fetch('/api/v1/about').then((reply) => reply.text()))")

    assert await tab.run("localStorage.getItem('zimgpt-person')") is None
    assert await tab.run("location.pathname") == "/enter"


async def test_a_form_waits_for_its_script(tab: Tab, site: Site) -> None:
    """On a slow phone what is typed early goes nowhere, least of all into the address,
    and is there when the script has come."""
    await tab.do("Fetch.enable", patterns=SCRIPTS)
    await tab.do("Page.navigate", url=f"{site.url}/enter?new")
    await tab.until("document.querySelector('form .button')")
    number = new_number()
    await tab.type("input[name=phone]", number)
    await tab.type("input[name=password]", PASSWORD)
    await tab.press("Enter", "\r")
    await tab.run("document.querySelector('form .button').click()")
    assert await tab.run("location.pathname + location.search") == "/enter?new"
    assert not [one for one in tab.asked if PASSWORD.split()[-1] in one]
    assert await tab.run("document.querySelector('form').method") == "post"

    await tab.do("Fetch.disable")

    await tab.until("document.querySelector('form .button').disabled === false")
    fresh = "document.querySelector('input[name=password]').autocomplete"
    await tab.until(f"{fresh} === 'new-password'")
    await tab.click("form .button")
    await ready(tab)


async def test_a_session_that_ended_elsewhere_ends_here(tab: Tab, site: Site) -> None:
    """Signing out everywhere closes this page, too."""
    number = await sign_up(tab, site)

    site.house.query(
        "delete from sessions where user_id = (select id from users"
        " where phone_e164 = %s)",
        "+263" + number[1:],
    )
    await tab.run("window.dispatchEvent(new Event('online'))")

    await tab.until("location.pathname === '/enter'")


async def test_a_password_is_changed_and_the_account_closed(
    tab: Tab, site: Site
) -> None:
    """The new one lets in; afterwards nothing does."""
    number = await sign_up(tab, site)
    await tab.go(f"{site.url}/account")
    await tab.until("document.querySelector('input[name=current]')")
    await tab.type("input[name=current]", PASSWORD)
    await tab.type("input[name=password]", "four other words here")
    await tab.run("document.querySelector('input[name=current]').form.requestSubmit()")
    await tab.reads(".note.good", "The password is changed.")

    await tab.run("[...document.querySelectorAll('.danger')].at(-1).click()")
    await tab.until("document.querySelector('form .danger')")
    await tab.type("form:has(.danger) input[name=password]", "four other words here")
    await tab.click("form .danger")

    await tab.until("location.pathname === '/enter'")
    await enter(tab, site, number, "four other words here", new=False)
    await tab.reads(".note.bad", "The number or the password is wrong.")


async def test_the_app_opens_without_a_network(tab: Tab, site: Site) -> None:
    """Once it is kept on the phone, a visit asks the network for data alone."""
    await sign_up(tab, site)
    await ask(tab, "words:3")
    await ended(tab, 3)
    await tab.run("navigator.serviceWorker.register('/sw.js')")
    await tab.until("navigator.serviceWorker.controller !== null")
    await tab.run(KEPT)

    site.wire.cut()
    await tab.go(f"{site.url}/chat")

    await tab.until("document.querySelector('.composer textarea')")
    site.wire.mend()
