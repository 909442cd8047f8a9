"""Asking anew in the web app: the same words or others, in the place of a turn."""

from __future__ import annotations

import pytest

from tests.browser.app import (
    ANSWER,
    PASSWORD,
    ask,
    balance,
    ended,
    enter,
    frames,
    ready,
    sign_up,
)
from tests.browser.chromium import Chromium, Tab
from tests.browser.conftest import Site

pytestmark = pytest.mark.patience(240)

TURNS = "document.querySelectorAll('.turns > .turn').length"
AREA = "document.querySelector('.composer textarea')"
AGAIN = ".turn:last-of-type [aria-label='Ask again']"
EDIT = "[aria-label='Edit and ask again']"


async def answers(tab: Tab, count: int) -> None:
    """Waits until so many answers have ended since the page was opened."""
    while len(frames(tab, "done")) < count:
        await tab.run("new Promise((then) => setTimeout(then, 50))")


async def change(tab: Tab, text: str) -> None:
    """Puts other words in the place of those that are there, and sends them."""
    await tab.until(f"{AREA}.value !== ''")
    await tab.run(f"{AREA}.select()")
    await tab.do("Input.insertText", text=text)
    await tab.click(".send")


async def test_an_answer_is_written_anew_in_its_own_place(tab: Tab, site: Site) -> None:
    """The model is told as it was at first; the answer before was paid for, and can be
    read again."""
    await sign_up(tab, site)
    await ask(tab, "words:4 again")
    await ended(tab, 4)

    await tab.click(AGAIN)
    await answers(tab, 2)
    await ended(tab, 4)

    assert await tab.run(TURNS) == 1
    asked = site.house.upstream.asked("words:4 again")
    assert [len(body["messages"]) for body in asked] == [2, 2]
    costs = [done["cost"] for done in frames(tab, "done")]
    assert await balance(tab) == 1_000_000 - sum(costs)
    await tab.click(".earlier button")
    await tab.reads(".was", "w0 w1 w2 w3")
    await tab.reads(".was", f"{costs[0]} tokens")
    await tab.go(await tab.run("location.href"))
    await tab.reads(ANSWER, "w3")
    assert await tab.run(TURNS) == 1
    await tab.click(".earlier button")
    await tab.reads(".was", "words:4 again")


async def test_changed_words_take_the_place_of_what_follows(
    tab: Tab, site: Site
) -> None:
    """The page says so before; what comes to nothing gives the place back."""
    await sign_up(tab, site)
    for words in (3, 4):
        await ask(tab, f"words:{words} changed")
        await tab.reads(".turn:last-of-type .question", f"words:{words}")
        await ended(tab, words)

    await tab.click(EDIT)
    await tab.reads(".anew", "goes on from this question")
    await change(tab, "fault:400 changed")
    await tab.reads(".note.bad", "not charged")
    assert await tab.run(TURNS) == 3
    await tab.click(EDIT)
    await change(tab, "words:5 changed")
    await answers(tab, 3)
    await ended(tab, 5)

    assert await tab.run(TURNS) == 1
    [told] = site.house.upstream.asked("words:5 changed")
    assert len(told["messages"]) == 2
    await ask(tab, "words:6 changed")
    await tab.reads(".turn:last-of-type .question", "words:6")
    await ended(tab, 6)
    [after] = site.house.upstream.asked("words:6 changed")
    assert [one["content"] for one in after["messages"] if one["role"] == "user"] == [
        "words:5 changed",
        "words:6 changed",
    ]


async def test_another_device_goes_along(
    browser: Chromium, tab: Tab, site: Site
) -> None:
    """It shows the new turn in the place of the old one, while it is written."""
    number = await sign_up(tab, site)
    await ask(tab, "words:3 along")
    await ended(tab, 3)
    other = await browser.open()
    await enter(other, site, number, PASSWORD, new=False)
    await ready(other)
    await other.go(site.url + str(await tab.run("location.pathname")))
    await other.reads(ANSWER, "w2")

    await tab.click(EDIT)
    await change(tab, "words:100 delay:20 along")

    await other.reads(".question", "words:100")
    await ended(other, 100)
    assert await other.run(TURNS) == 1
    await ended(tab, 100)
    assert other.complaints == []
    await other.close()
