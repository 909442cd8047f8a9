"""What is asked on one device shows on the others: while they look, and when they come
back."""

from __future__ import annotations

import json

import pytest

from tests.browser.app import (
    ANSWER,
    PASSWORD,
    ask,
    ended,
    enter,
    frames,
    ready,
    sign_up,
)
from tests.browser.chromium import Chromium, Tab
from tests.browser.conftest import Site
from tests.browser.test_app_anew import AGAIN, EDIT, TURNS, change
from tests.browser.test_app_essays import order, press

pytestmark = pytest.mark.patience(120)

TALKS = "[...document.querySelectorAll('dialog .talk')].map((one) => one.innerText)"
QUESTIONS = (
    "[...document.querySelectorAll('.turn .question p')].map((one) => one.innerText)"
)


async def joined(browser: Chromium, tab: Tab, site: Site, number: str) -> Tab:
    """Another device of the same person, which shows what the first one shows."""
    other = await browser.open()
    await enter(other, site, number, PASSWORD, new=False)
    await ready(other)
    await other.go(site.url + str(await tab.run("location.pathname")))
    await other.until(f"{TURNS} === {await tab.run(TURNS)}")
    await other.until("document.querySelector('.link-mark') === null")
    other.received.clear()
    other.asked.clear()
    return other


async def answered(tab: Tab, text: str, words: int) -> None:
    """Asks, and waits for the end of the answer."""
    await ask(tab, text)
    await tab.reads(".turn:last-of-type .question", text)
    await ended(tab, words)


async def left(tab: Tab) -> None:
    """Closes a second device that had nothing to complain of."""
    assert tab.complaints == []
    await tab.close()


async def away(tab: Tab, site: Site) -> None:
    """Its network goes, and with it its socket; the others' come back at once."""
    await tab.offline(True)
    site.wire.cut()
    site.wire.mend()
    await tab.reads(".link-place", "Offline")


async def test_a_question_shows_on_another_device(
    browser: Chromium, tab: Tab, site: Site
) -> None:
    """With its answer while it is written, both ways, for few bytes."""
    number = await sign_up(tab, site)
    await answered(tab, "words:3 first", 3)
    other = await joined(browser, tab, site, number)
    tab.received.clear()

    await ask(tab, "words:100 delay:20 second")
    await other.reads(".turn:last-of-type .question", "words:100")
    await other.reads(ANSWER, "w5")
    await ended(other, 100)
    await ended(tab, 100)
    await answered(other, "words:4 third", 4)
    await tab.reads(".turn:last-of-type .question", "words:4")
    await ended(tab, 4)

    asked = ["words:3 first", "words:100 delay:20 second", "words:4 third"]
    assert await tab.run(QUESTIONS) == await other.run(QUESTIONS) == asked
    for device in (tab, other):
        [hint] = frames(device, "asked")
        assert len(json.dumps(hint)) < 150
    looked = [one for one in other.asked if "/turns" in one]
    assert looked
    assert all("after=" in one and "texts=false" in one for one in looked)
    last = site.house.upstream.asked("words:4 third")
    assert [len(body["messages"]) for body in last] == [6]
    await left(other)


async def test_two_tabs_of_one_phone_go_along(
    browser: Chromium, tab: Tab, site: Site
) -> None:
    """The second is stopped from the first, and a turn is replaced from the second."""
    await sign_up(tab, site)
    await answered(tab, "words:3 tabs", 3)
    other = await browser.open(beside=tab)
    await other.go(site.url + str(await tab.run("location.pathname")))
    await ended(other, 3)

    await ask(tab, "words:500 delay:20 tabs")
    await other.reads(ANSWER, "w5")
    await other.click(".send.stop")
    await tab.reads(".turn:last-of-type .ending", "You stopped this answer.")
    await other.reads(".turn:last-of-type .ending", "You stopped this answer.")
    await other.click(EDIT)
    await change(other, "words:6 tabs")

    await tab.until(f"{QUESTIONS}.join() === 'words:6 tabs'")
    await ended(tab, 6)
    assert await other.run(QUESTIONS) == ["words:6 tabs"]
    assert other.complaints == []


async def test_the_list_of_another_device_has_it_first(
    browser: Chromium, tab: Tab, site: Site
) -> None:
    """A new chat comes in, an older one moves up, and nobody else's does."""
    number = await sign_up(tab, site)
    await answered(tab, "words:3 older", 3)
    other = await joined(browser, tab, site, number)
    await other.click(".opener")
    await other.until(f"{TALKS}.join() === 'words:3 older'")
    stranger = await browser.open()
    await sign_up(stranger, site)

    await tab.click(".opener")
    await tab.click("dialog .button[href='/chat']")
    await tab.until("document.querySelector('.start')")
    await answered(tab, "words:3 newer", 3)
    for device in (other, tab):
        await device.until(f"{TALKS}.join() === 'words:3 newer,words:3 older'")
    await tab.run("document.querySelectorAll('dialog .talk')[1].click()")
    await tab.reads(".question", "older")
    await answered(tab, "words:5 older", 5)

    await other.until(f"{TALKS}.join() === 'words:3 older,words:3 newer'")
    assert frames(stranger, "asked") == []
    await left(stranger)
    await left(other)


async def test_what_was_asked_meanwhile_is_there_after_a_break(
    browser: Chromium, tab: Tab, site: Site
) -> None:
    """Without a reload: a new turn after those that are there."""
    number = await sign_up(tab, site)
    await answered(tab, "words:3 break", 3)
    other = await joined(browser, tab, site, number)

    await away(other, site)
    await answered(tab, "words:4 break", 4)
    await ask(tab, "words:150 delay:20 break")
    await tab.reads(ANSWER, "w5")
    assert await other.run(TURNS) == 1
    await other.offline(False)

    await other.until(f"{TURNS} === 3")
    await ended(other, 150)
    assert await other.run(QUESTIONS) == await tab.run(QUESTIONS)
    second = "document.querySelectorAll('.turn')[1].querySelector('.prose')?.innerText"
    await other.until(f"{second} === 'w0 w1 w2 w3'")
    assert frames(other, "asked") == []
    await left(other)


async def test_what_was_replaced_meanwhile_is_gone_after_a_break(
    browser: Chromium, tab: Tab, site: Site
) -> None:
    """Also where the device itself had asked it; what was there is read on request."""
    number = await sign_up(tab, site)
    await answered(tab, "words:3 gone", 3)
    other = await joined(browser, tab, site, number)
    await answered(other, "words:4 gone", 4)
    await tab.until(f"{TURNS} === 2")
    await ended(tab, 4)

    await away(other, site)
    await tab.click(AGAIN)
    await tab.until("document.querySelector('.turn:last-of-type .earlier')")
    await tab.click(EDIT)
    await change(tab, "words:5 gone")
    await tab.until(f"{TURNS} === 1")
    await ended(tab, 5)
    assert await other.run(TURNS) == 2
    await other.offline(False)

    await other.until(f"{QUESTIONS}.join() === 'words:5 gone'")
    await ended(other, 5)
    await other.click(".earlier button")
    await other.reads(".was", "words:3 gone")
    await left(other)


async def test_an_essay_of_an_outline_grows_on_another_device(
    browser: Chromium, tab: Tab, site: Site
) -> None:
    """Which shows the outline until it is ordered; then the essay, to its end."""
    number = await sign_up(tab, site)
    await order(tab, site, "Why do rivers flood?", 300)
    await press(tab, "outline first")
    sections = "document.querySelectorAll('.outline-section').length === 3"
    await tab.until(sections)
    other = await browser.open()
    await enter(other, site, number, PASSWORD, new=False)
    await ready(other)
    await other.go(site.url + str(await tab.run("location.pathname")))
    await other.until(sections)
    await other.until("document.querySelector('.link-mark') === null")

    await press(tab, "Write the essay")

    for device in (tab, other):
        await device.until("document.querySelector('.essay-tools [data-cost]')")
    text = "document.querySelector('.paper').innerText"
    assert await tab.run(text) == await other.run(text)
    await left(other)
