"""Asking in the web app: a real browser in front of a real server."""

from __future__ import annotations

import pytest

from tests.browser.app import (
    ANSWER,
    COST,
    ask,
    balance,
    cost,
    ended,
    frames,
    ready,
    shown,
    sign_up,
)
from tests.browser.chromium import Chromium, Tab
from tests.browser.conftest import Site

pytestmark = pytest.mark.patience(240)  # a browser shares the machine


async def test_a_person_signs_up_and_is_answered(tab: Tab, site: Site) -> None:
    """The answer streams in, says what it cost, and the balance is what is left."""
    await sign_up(tab, site)
    assert await balance(tab) == 1_000_000

    await ask(tab, "words:60 delay:20")

    await tab.reads(".progress", "At most")
    await tab.reads(ANSWER, "w3")
    await ended(tab, 60)
    [done] = frames(tab, "done")
    assert await cost(tab) == done["cost"]
    assert await balance(tab) == 1_000_000 - done["cost"]
    [accepted] = frames(tab, "accepted")
    assert await tab.run("location.pathname") == f"/chat/{accepted['conversation']}"


async def test_nothing_comes_from_elsewhere(tab: Tab, site: Site) -> None:
    """The app asks its own server alone."""
    await sign_up(tab, site)
    await ask(tab, "words:3")
    await ended(tab, 3)

    strangers = [one for one in tab.asked if not one.startswith((site.url, "data:"))]

    assert strangers == []


async def test_a_chat_is_remembered_until_a_new_one_begins(
    tab: Tab, site: Site
) -> None:
    """The second question goes with the first; a new chat goes alone."""
    await sign_up(tab, site)

    for text in ("words:3 first", "words:3 second"):
        await ask(tab, text)
        await tab.reads(".turn:last-of-type .question", text)
        await ended(tab, 3)
    await tab.click(".opener")
    await tab.click("dialog .button[href='/chat']")
    await tab.until("location.pathname === '/chat'")
    await tab.until("document.querySelector('.start')")
    await ask(tab, "words:3 third")
    await tab.reads(".turn:last-of-type .question", "third")
    await ended(tab, 3)

    told = {
        body["messages"][-1]["content"]: len(body["messages"])
        for body in site.house.upstream.requests()
    }
    assert [told[f"words:3 {which}"] for which in ("first", "second", "third")] == [
        2,
        4,
        2,
    ]


async def test_words_are_never_markup(tab: Tab, site: Site) -> None:
    """A question that looks like HTML is shown as it was typed."""
    await sign_up(tab, site)

    await ask(tab, "words:2 <img src=x onerror=alert(1)>")

    await tab.reads(".question", "<img src=x onerror=alert(1)>")
    await ended(tab, 2)


async def test_markdown_is_read_and_does_no_harm(tab: Tab, site: Site) -> None:
    """Tables, lists, code and formulas are drawn; HTML and images are words."""
    await sign_up(tab, site)
    await ask(tab, "words:2")
    await ended(tab, 2)
    written = (
        "## Rain\n\n| a | b |\n|---|---|\n| *1* | 2 |\n\n1. one\n2. two\n\n"
        "```py\nprint('mvura')\n```\n\nEnergy is $E = mc^2$; it costs US$5 or $6.\n\n"
        "So <script>window.bad = 1</script> ![far](https://far.example/x.png) "
        "[bad](javascript:alert(1)) [good](https://good.example/)"
    )
    answer = frames(tab, "accepted")[0]["answer"]
    site.house.query("update answers set text = %s where id = %s", written, answer)

    await tab.reload()

    await tab.until("document.querySelector('.prose math')")
    count = "document.querySelectorAll('.prose %s').length"
    for element in ("h4", "table em", "ol li", "pre code"):
        assert await tab.run(count % element) > 0, element
    assert await tab.run(count % "img, .prose script") == 0
    assert await tab.run(count % "math") == 1
    links = "[...document.querySelectorAll('.prose a')].map((one) => one.href)"
    assert await tab.run(links) == [
        "https://far.example/x.png",
        "https://good.example/",
    ]
    rel = "document.querySelector('.prose a').rel"
    assert await tab.run(rel) == "noopener noreferrer nofollow"
    assert not [one for one in tab.asked if "far.example" in one]


async def test_a_reload_goes_on_where_it_was(tab: Tab, site: Site) -> None:
    """Text that was shown is kept; only the rest comes again."""
    await sign_up(tab, site)
    await ask(tab, "words:500 delay:20")
    await tab.reads(ANSWER, "w20")
    tab.received.clear()

    await tab.reload()

    await tab.reads(ANSWER, "w20")
    await ended(tab, 500)
    assert frames(tab, "reading")[0]["s"] > 0
    assert "w0 " not in "".join(frame["t"] for frame in frames(tab, "text"))


async def test_a_lost_network_loses_nothing(tab: Tab, site: Site) -> None:
    """A small word says that it connects again; then the answer goes on."""
    await sign_up(tab, site)
    await ask(tab, "words:200 delay:20")
    await tab.reads(ANSWER, "w5")

    site.wire.cut()
    await tab.reads(".link-place", "Connecting")
    site.wire.mend()

    await ended(tab, 200)
    await tab.until("document.querySelector('.link-mark') === null")


async def test_fifty_cuts_lose_and_repeat_nothing(tab: Tab, site: Site) -> None:
    """An essay's worth of words is whole after fifty breaks, and paid for once."""
    await sign_up(tab, site)
    await ask(tab, "words:500 delay:20")
    await tab.reads(ANSWER, "w5")
    tab.received.clear()

    for _ in range(50):
        site.wire.cut()
        site.wire.mend()
        await tab.run("window.dispatchEvent(new Event('online'))")

    await ended(tab, 500)
    [done] = frames(tab, "done")
    assert await balance(tab) == 1_000_000 - done["cost"]


async def test_questions_typed_without_a_network_are_sent_later(
    tab: Tab, site: Site
) -> None:
    """Two of them, one after the other, into one conversation, each once."""
    await sign_up(tab, site)
    await tab.offline(True)
    site.wire.cut()

    await ask(tab, "words:7 unheard")
    await tab.reads(".progress", "Kept on this phone")
    await ask(tab, "words:8 unheard")
    await tab.reads(".turn:last-of-type .progress", "Asked next")
    site.wire.mend()
    await tab.offline(False)

    await ended(tab, 8)
    first, second = (
        site.house.upstream.asked(f"words:{words} unheard") for words in (7, 8)
    )
    assert (len(first), len(second)) == (1, 1)
    assert len(second[0]["messages"]) == 4


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
    assert await balance(tab) == 1_000_000 - done["cost"]


async def test_stopping_pays_for_what_was_written(tab: Tab, site: Site) -> None:
    """The button stops the answer, which says so and costs less than the whole."""
    await sign_up(tab, site)
    await ask(tab, "words:500 delay:20")
    await tab.reads(ANSWER, "w5")

    await tab.click(".send.stop")

    await tab.reads(".ending", "You stopped this answer.")
    [done] = frames(tab, "done")
    assert done["finish"] == "stopped"
    assert await cost(tab) == done["cost"] < 500


async def test_two_devices_read_one_answer(
    browser: Chromium, tab: Tab, site: Site
) -> None:
    """What one asked the other finds in its list, and reads while it is written."""
    number = await sign_up(tab, site)
    await ask(tab, "words:250 delay:20")
    await tab.reads(ANSWER, "w5")
    other = await browser.open()
    from tests.browser.app import PASSWORD, enter

    await enter(other, site, number, PASSWORD, new=False)
    await ready(other)
    await other.click(".opener")
    await other.until("document.querySelector('dialog .talk')")
    await other.click("dialog .talk")

    await ended(other, 250)
    await ended(tab, 250)
    assert await shown(other) == await shown(tab)
    assert await cost(other) == await cost(tab)
    assert other.complaints == []
    await other.close()


async def test_conversations_are_found_renamed_and_deleted(
    tab: Tab, site: Site
) -> None:
    """By a word that was said in them; what is deleted is gone from the list."""
    await sign_up(tab, site)
    await ask(tab, "words:3 mapungubwe")
    await ended(tab, 3)

    await tab.click("[aria-label='This chat']")
    await tab.until("document.querySelector('dialog input[name=title]')")
    await tab.run("document.querySelector('dialog input[name=title]').select()")
    await tab.do("Input.insertText", text="Old towns")
    await tab.press("Enter", "\r")
    await tab.until("!document.querySelector('dialog.sheet').open")  # it is saved
    await tab.click(".opener")
    await tab.reads("dialog .talk", "Old towns")
    await tab.type("dialog input[type=search]", "mapungubwe")
    await tab.until("document.querySelectorAll('dialog .talk').length === 1")
    await tab.click("dialog.drawer [aria-label=Close]")
    await tab.click("[aria-label='This chat']")
    await tab.click("dialog.sheet .danger")
    await tab.reads("dialog.sheet", "Delete it for ever?")
    await tab.click("dialog.sheet .danger")

    await tab.until("location.pathname === '/chat'")
    await tab.until("document.querySelector('.start')")


async def test_a_failed_answer_costs_nothing(tab: Tab, site: Site) -> None:
    """What no model answered is said, and the balance is as before."""
    await sign_up(tab, site)

    await ask(tab, "fault:400")

    await tab.reads(".note.bad", "not charged")
    await tab.until(
        "document.querySelector('[data-balance]').dataset.balance === '1000000'"
    )


async def test_an_empty_wallet_says_what_to_do(tab: Tab, site: Site) -> None:
    """Before asking, beside the question, and with a way to tokens."""
    number = await sign_up(tab, site)
    site.house.query(
        "update accounts set balance = 0 where kind = 'available' and user_id ="
        " (select id from users where phone_e164 = %s)",
        "+263" + number[1:],
    )

    await ask(tab, "words:3")

    await tab.reads(".note.warn", "tokens")
    assert await tab.run("document.querySelector('.turn .note a') !== null")
    site.house.query(
        "update accounts set balance = 1000000 where kind = 'available' and user_id ="
        " (select id from users where phone_e164 = %s)",
        "+263" + number[1:],
    )


async def test_the_data_saver_gathers_text(tab: Tab, site: Site) -> None:
    """Two seconds of text come in a few frames, also after a reload."""
    await sign_up(tab, site)
    await tab.run("localStorage.setItem('zimgpt-saver', '1')")
    await tab.go(f"{site.url}/chat")
    await ready(tab)

    await ask(tab, "words:100 delay:20")

    await ended(tab, 100)
    assert 1 <= len(frames(tab, "text")) <= 6


async def test_the_keyboard_is_enough(tab: Tab, site: Site) -> None:
    """Enter asks, Tab reaches the button, Space stops."""
    await sign_up(tab, site)
    await tab.type(".composer textarea", "words:300 delay:20")

    await tab.press("Enter", "\r")
    await tab.reads(ANSWER, "w5")
    await tab.press("Tab")
    assert await tab.run("document.activeElement.className") == "send stop"
    await tab.press(" ", " ")

    await tab.reads(".ending", "You stopped this answer.")


async def test_what_happens_is_said_aloud(tab: Tab, site: Site) -> None:
    """Not each word as it comes: that it is being written, then the answer and cost."""
    await sign_up(tab, site)
    await ask(tab, "words:40 delay:20")

    await tab.reads("[role=log]", "Writing")
    await tab.until(f"document.querySelector('{COST}')")
    await tab.reads("[role=log]", "w39")
    await tab.reads("[role=log]", f"{await cost(tab)} tokens")
