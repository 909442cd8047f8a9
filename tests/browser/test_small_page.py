"""The small page in a real browser, in front of a real server."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from tests.browser.chromium import Tab
from tests.browser.conftest import Site
from tests.system.harness import text_of

pytestmark = pytest.mark.patience(60)  # a browser shares the machine

PASSWORD = "a long enough password"
DONE = "article:last-child small"
ANSWER = "article:last-child p"
_numbers = count(1)

AT_REST = "back = 600000"
"""The page's own attempts to come back are ten minutes away."""

IN_A_HURRY = """((set) => {
  globalThis.setTimeout = (act) => { globalThis.setTimeout = set; set(act, 10); };
})(setTimeout)"""
"""The next thing that the page puts off is done at once."""

WIDE = """[...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility())
  .filter((one) => one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.outerHTML)"""

FAINT = """(() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (one) => {
    const colour = getComputedStyle(one).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" ? ground(one.parentElement) : colour;
  };
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && (one.innerText || one.placeholder))
    .filter((one) => {
      const [a, b] = [light(getComputedStyle(one).color), light(ground(one))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    }).map((one) => one.outerHTML);
})()"""


def new_number() -> str:
    """A mobile number that nobody has yet."""
    return f"077201{next(_numbers):04}"


async def enter(tab: Tab, number: str, password: str, to: str) -> None:
    """Fills in the form and sends it."""
    await tab.until("!document.querySelector('#enter').hidden")
    await tab.run("document.querySelector('#enter').reset()")
    await tab.type("#phone", number)
    await tab.type("#password", password)
    await tab.click(f"button[value={to}]")


async def sign_up(tab: Tab, site: Site) -> str:
    """A new person on the page; returns their number."""
    number = new_number()
    await tab.go(site.url)
    await enter(tab, number, PASSWORD, "accounts")
    await tab.until("!document.querySelector('#ask').hidden")
    return number


async def ask(tab: Tab, text: str) -> None:
    """Types a question and asks it."""
    await tab.type("#text", text)
    await tab.click("#go")


async def ended(tab: Tab, words: int) -> None:
    """Waits for the last answer's end; its text is whole, and there once."""
    await tab.reads(DONE, "Cost: ")
    assert await tab.run(f"document.querySelector('{ANSWER}').textContent") == (
        text_of(words)
    )


def frames(tab: Tab, kind: str) -> list[dict[str, Any]]:
    """Messages of a type that the page has received; text has none."""
    messages = [json.loads(payload) for payload in tab.received]
    return [message for message in messages if message.get("type", "text") == kind]


async def test_a_person_signs_up_and_is_answered(tab: Tab, site: Site) -> None:
    """The answer streams in, says what it cost, and the balance is what is left."""
    await sign_up(tab, site)
    await tab.reads("#balance", "1,000,000 tokens left")

    await ask(tab, "words:30 delay:20")

    await tab.reads("#status", "at most")
    await tab.reads(ANSWER, "w3")
    assert await tab.text("#go") == "Stop"
    await ended(tab, 30)
    [done] = frames(tab, "done")
    assert f"Cost: {done['cost']} tokens." in await tab.text("#status")
    assert await tab.text("#balance") == f"{1_000_000 - done['cost']:,} tokens left"
    assert await tab.text("#go") == "Ask"


async def test_the_demo_model_is_named(tab: Tab, site: Site) -> None:
    """Whoever asks a demo is told so, before signing in and after."""
    await tab.go(site.url)
    await tab.reads("#model", "Demo model: its facts are often wrong")

    await sign_up(tab, site)

    await tab.reads("#model", "Demo model: its facts are often wrong")


async def test_nothing_comes_from_elsewhere(tab: Tab, site: Site) -> None:
    """The page asks its own server alone."""
    await sign_up(tab, site)
    await ask(tab, "words:3")
    await ended(tab, 3)

    strangers = [one for one in tab.asked if not one.startswith((site.url, "data:,"))]

    assert strangers == []


async def test_a_chat_is_remembered_until_a_new_one_begins(
    tab: Tab, site: Site
) -> None:
    """The second question goes with the first; an essay and a new chat go alone."""
    await sign_up(tab, site)

    for text in ("words:3 first", "words:3 second"):
        await ask(tab, text)
        await tab.reads("article:last-child h2", text)
        await ended(tab, 3)
    await tab.click("[value=essay]")
    await ask(tab, "words:3 third")
    await tab.reads("article:last-child h2", "third")
    await ended(tab, 3)
    await tab.click("#fresh")
    await tab.click("[value=chat]")
    await ask(tab, "words:3 fourth")
    await tab.reads("article:only-child h2", "fourth")
    await ended(tab, 3)

    told = {
        body["messages"][-1]["content"]: len(body["messages"])
        for body in site.house.upstream.requests()
    }
    assert [
        told[f"words:3 {which}"] for which in ("first", "second", "third", "fourth")
    ] == [2, 4, 2, 2]


async def test_words_are_never_markup(tab: Tab, site: Site) -> None:
    """A question that looks like HTML is shown as it was typed."""
    await sign_up(tab, site)

    await ask(tab, "words:2 <img src=x onerror=alert(1)>")

    await tab.reads("article h2", "<img src=x onerror=alert(1)>")
    await ended(tab, 2)


async def test_a_reload_goes_on_where_it_was(tab: Tab, site: Site) -> None:
    """Text that was shown is kept; only the rest comes again."""
    await sign_up(tab, site)
    await ask(tab, "words:100 delay:20")
    await tab.reads(ANSWER, "w20")
    tab.received.clear()

    await tab.go(site.url)

    await tab.reads(ANSWER, "w20")
    await ended(tab, 100)
    [reading] = frames(tab, "reading")
    assert reading["s"] > 0
    assert "w0 " not in "".join(frame["t"] for frame in frames(tab, "text"))


async def test_a_lost_network_loses_nothing(tab: Tab, site: Site) -> None:
    """The page says that it connects again, does so, and reads on."""
    await sign_up(tab, site)
    await ask(tab, "words:100 delay:20")
    await tab.reads(ANSWER, "w5")

    site.wire.cut()
    await tab.reads("#status", "Connecting again")
    site.wire.mend()

    await ended(tab, 100)
    [reading] = frames(tab, "reading")
    assert reading["s"] > 0


async def test_a_question_that_was_not_heard_is_asked_again(
    tab: Tab, site: Site
) -> None:
    """What is asked while there is no network is asked once there is one, once."""
    await sign_up(tab, site)
    await tab.until("socket.readyState === 1")
    site.wire.cut()
    await tab.reads("#status", "Connecting again")

    await ask(tab, "words:7 unheard")
    site.wire.mend()

    await ended(tab, 7)
    assert len(site.house.upstream.asked("words:7 unheard")) == 1


@pytest.mark.parametrize("news", ["online", "visibilitychange"])
async def test_good_news_is_acted_on_at_once(tab: Tab, site: Site, news: str) -> None:
    """Nobody waits for a timer when the network or the reader has come back."""
    await sign_up(tab, site)
    await ask(tab, "words:100 delay:20")
    await tab.reads(ANSWER, "w5")
    await tab.run(AT_REST)
    site.wire.cut()
    await tab.reads("#status", "Connecting again")
    site.wire.mend()

    target = "window" if news == "online" else "document"
    await tab.run(f"{target}.dispatchEvent(new Event('{news}'))")

    await ended(tab, 100)


async def test_a_page_that_is_shown_again_comes_back_at_once(
    tab: Tab, site: Site
) -> None:
    """One that a browser put away, network and all, goes on where it was."""
    await sign_up(tab, site)
    await ask(tab, "words:100 delay:20")
    await tab.reads(ANSWER, "w5")
    await tab.run(AT_REST)
    site.wire.cut()
    await tab.reads("#status", "Connecting again")
    site.wire.mend()

    again = "new PageTransitionEvent('pageshow', { persisted: true })"
    await tab.run(f"window.dispatchEvent({again})")

    await ended(tab, 100)


async def test_a_page_that_began_without_a_server_wakes_too(
    tab: Tab, site: Site
) -> None:
    """Whoever opens it too early need not wait for its timer either."""
    await sign_up(tab, site)
    await tab.until("socket.readyState === 1")
    site.wire.cut()
    await tab.run("back = 600000, inside = false, begin()")
    await tab.reads("#status", "Connecting again")
    site.wire.mend()

    await tab.run("window.dispatchEvent(new Event('online'))")

    await tab.until("inside && socket.readyState === 1")


async def test_the_server_says_when_to_come_back(tab: Tab, site: Site) -> None:
    """After ``bye`` the page waits for as long as it was told, and no longer."""
    await sign_up(tab, site)
    await tab.until("socket.readyState === 1")

    waits = await tab.run("""new Promise((told) => {
      const set = setTimeout;
      globalThis.setTimeout = (act, ms) => (told(ms), set(act, 1));
      hear({ type: "bye", retry: 7 });
      socket.onclose({ code: 1001 });
      globalThis.setTimeout = set;
    })""")

    assert waits == 7_000
    await tab.until("socket.readyState === 1")


async def test_waits_grow_and_are_bounded_and_never_even(tab: Tab, site: Site) -> None:
    """Those who lost a server together do not come back together; nobody gives up."""
    await sign_up(tab, site)
    await tab.until("socket.readyState === 1")

    waits = await tab.run("""(() => {
      const set = setTimeout, waits = [];
      globalThis.setTimeout = (act, ms) => { waits.push(ms); };
      tries = 0;
      for (let i = 0; i < 2000; i++) again(begin);
      globalThis.setTimeout = set;
      connect();
      return waits;
    })()""")

    assert len(waits) == 2_000
    for number, wait in enumerate(waits):
        longest = min(10_000, 500 * 2 ** min(number, 20))
        assert longest / 2 <= wait <= longest
    assert len(set(waits)) > 1_900
    await tab.until("socket.readyState === 1")


async def test_without_a_network_it_says_so(tab: Tab, site: Site) -> None:
    """A browser that knows itself offline is told that nothing is lost."""
    await sign_up(tab, site)
    await ask(tab, "words:60 delay:20")
    await tab.reads(ANSWER, "w5")

    await tab.offline(True)
    site.wire.cut()
    await tab.reads("#status", "offline")
    site.wire.mend()
    await tab.offline(False)

    await ended(tab, 60)


async def test_a_socket_that_fell_silent_is_noticed(tab: Tab, site: Site) -> None:
    """A reader who comes back to a dead connection gets another one."""
    await sign_up(tab, site)
    await tab.until("socket.readyState === 1")
    await tab.run("globalThis.dead = socket; socket.send = () => {}")
    await tab.run(IN_A_HURRY)

    await tab.run("document.dispatchEvent(new Event('visibilitychange'))")

    await tab.until("socket !== dead && socket.readyState === 1")


async def test_a_server_that_dies_begins_again(tab: Tab, site: Site) -> None:
    """What a dead attempt wrote is void: the page shows the new text alone."""
    node = site.house["one"]
    await sign_up(tab, site)
    await ask(tab, "words:80 delay:20")
    await tab.reads(ANSWER, "w5")

    node.kill()
    node.begin()
    node.ready()

    await ended(tab, 80)
    [done] = frames(tab, "done")
    assert await tab.text("#balance") == f"{1_000_000 - done['cost']:,} tokens left"


async def test_stopping_pays_for_what_was_written(tab: Tab, site: Site) -> None:
    """The button stops the answer, which says so and costs less than the whole."""
    await sign_up(tab, site)
    await ask(tab, "words:500 delay:20")
    await tab.reads(ANSWER, "w5")

    await tab.click("#go")

    await tab.reads(DONE, "You stopped this answer.")
    [done] = frames(tab, "done")
    assert done["finish"] == "stopped"
    assert done["cost"] < 500


async def test_a_hasty_second_click_stops_nothing(tab: Tab, site: Site) -> None:
    """A question that is not yet accepted cannot be stopped by its own button."""
    await sign_up(tab, site)
    await tab.type("#text", "words:4")

    await tab.run("$('go').click(), $('go').click()")

    await ended(tab, 4)
    [done] = frames(tab, "done")
    assert done["finish"] == "stop"


async def test_the_data_saver_gathers_text(tab: Tab, site: Site) -> None:
    """Two seconds of text come in a few frames, also after a reload."""
    await sign_up(tab, site)
    await tab.click("#slow")
    await tab.go(site.url)
    await tab.until("socket?.readyState === 1")
    assert await tab.run("document.querySelector('#slow').checked")

    await ask(tab, "words:100 delay:20")

    await ended(tab, 100)
    assert 1 <= len(frames(tab, "text")) <= 5


async def test_refusals_are_sentences(tab: Tab, site: Site) -> None:
    """A number, a password or a question that is refused can be mended and sent."""
    await tab.go(site.url)
    await enter(tab, "+1 650 253 0000", PASSWORD, "accounts")
    await tab.reads("#status", "number")
    await enter(tab, new_number(), "12345678", "accounts")
    await tab.reads("#status", "Please choose a password")
    await enter(tab, new_number(), PASSWORD, "sessions")
    await tab.reads("#status", "The number or the password is wrong.")
    await sign_up(tab, site)

    await ask(tab, "long " * 7_000)

    await tab.reads("#status", "This question is too long.")
    await tab.until("$('text').value.startsWith('long long')")
    assert await tab.run("document.querySelectorAll('article').length") == 0
    assert await tab.text("#go") == "Ask"


async def test_a_failed_answer_costs_nothing(tab: Tab, site: Site) -> None:
    """What no model answered is said, and the balance is as before."""
    await sign_up(tab, site)

    await ask(tab, "fault:400")

    await tab.reads(DONE, "It cost nothing.")
    assert await tab.text("#balance") == "1,000,000 tokens left"


async def test_signing_out_leaves_nothing(tab: Tab, site: Site) -> None:
    """Whoever has the browser next finds neither words nor a session; who comes
    back with the password finds the balance."""
    number = await sign_up(tab, site)
    await ask(tab, "words:5")
    await ended(tab, 5)
    left = await tab.text("#balance")

    await tab.click("#out")

    await tab.reads("#status", "You are signed out.")
    assert await tab.run("document.querySelectorAll('article').length") == 0
    assert await tab.run("sessionStorage.length + localStorage.length") == 0
    assert await tab.run("fetch('/api/v1/me').then((reply) => reply.status)") == 401
    await enter(tab, number, PASSWORD, "sessions")
    await tab.reads("#balance", left)


async def test_a_session_that_ended_elsewhere_ends_here(tab: Tab, site: Site) -> None:
    """Signing out everywhere closes this page, too."""
    await sign_up(tab, site)
    await tab.until("socket.readyState === 1")

    await tab.run("call('DELETE', 'sessions')")

    await tab.reads("#status", "You were signed out.")
    await tab.until("!document.querySelector('#enter').hidden")


async def test_a_session_that_is_gone_is_noticed_on_connecting(
    tab: Tab, site: Site
) -> None:
    """A refused handshake leads back to the form, not into an endless loop."""
    await sign_up(tab, site)
    await tab.until("socket.readyState === 1")
    site.house.query("delete from sessions returning id")

    await tab.run("window.dispatchEvent(new Event('online'))")

    await tab.reads("#status", "Sign in, or choose a password")
    await tab.until("!document.querySelector('#enter').hidden")


async def test_the_keyboard_is_enough(tab: Tab, site: Site) -> None:
    """Enter asks, Shift+Enter is a new line, Tab reaches the button, Space stops."""
    await sign_up(tab, site)
    await tab.type("#text", "words:300 delay:20")

    await tab.press("Enter", "\r")
    await tab.reads(ANSWER, "w5")
    for _ in range(3):
        await tab.press("Tab")
        if await tab.run("document.activeElement.id") == "go":
            break
    await tab.press(" ", " ")

    await tab.reads(DONE, "You stopped this answer.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1280])
async def test_it_fits_and_can_be_read(
    tab: Tab, site: Site, width: int, scheme: str
) -> None:
    """Nothing is cut off, and all text stands out from its ground (WCAG 2.2, 1.4.3)."""
    await tab.shown(width, 640, scheme)
    await tab.go(site.url)
    await tab.until("!document.querySelector('#enter').hidden")
    assert await tab.run(WIDE) == []
    assert await tab.run(FAINT) == []

    await sign_up(tab, site)
    await ask(tab, "words:30 " + "Dzimbahwe" * 9)
    await ended(tab, 30)

    assert await tab.run("document.documentElement.scrollWidth") == width
    assert await tab.run(WIDE) == []
    assert await tab.run(FAINT) == []
