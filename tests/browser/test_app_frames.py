"""What is drawn before a touch is seen to be answered: counted, for time is noise.

The figures that these counts keep are in bench/README.md.
"""

from __future__ import annotations

from typing import Final

import pytest

from tests.browser.app import ready, sign_up
from tests.browser.chromium import Tab
from tests.browser.conftest import Site
from tests.browser.copies import TURNS, long_talk

pytestmark = pytest.mark.patience(90)

SCREENFUL: Final = 4
"""Turns that may be drawn at first: more than a phone shows."""
PAGES: Final = {"/wallet": 38, "/account": 85, "/essay": 85}
"""Elements that a page may draw at first, bar and all."""

FIRST: Final = """new Promise((told) => {
  const main = document.querySelector("main");
  let drawn = 0;
  const some = (one) =>
    one.matches ? one.matches(%r) + one.querySelectorAll(%r).length : 0;
  new MutationObserver((all) => {
    for (const { addedNodes } of all) for (const one of addedNodes) drawn += some(one);
    if (!main.isConnected) told(drawn);
  }).observe(document.body, { childList: true, subtree: true });
  document.querySelector(%r).click();
})"""
"""Follows a link to another page; what is drawn when it takes the place of this one."""


async def first_drawn(tab: Tab, page: str, count: str) -> int:
    """How many such elements the page draws at first, by the link in the menu."""
    link = f"dialog.drawer a[href='{page}']"
    await tab.click(".opener")
    await tab.until(f"document.querySelector({link!r})")
    return int(await tab.run(FIRST % (count, count, link)))


async def reopened(tab: Tab, site: Site) -> str:
    """A long chat, loaded and left for the wallet; returns its address."""
    await sign_up(tab, site)
    talk = f"/chat/{await long_talk(tab, site)}"
    await tab.go(site.url + talk)
    await ready(tab)
    await tab.until(f"document.querySelectorAll('.turn').length === {TURNS}")
    await tab.click(".purse")
    await tab.until("document.querySelector('.package')")
    return talk


async def test_a_long_chat_is_drawn_from_its_end(tab: Tab, site: Site) -> None:
    """A screenful at once, the rest of it after that, and its end stays in view."""
    talk = await reopened(tab, site)

    assert 0 < await first_drawn(tab, talk, ".turn") <= SCREENFUL

    await tab.until(f"document.querySelectorAll('.turn').length === {TURNS}")
    await tab.until("scrollY + innerHeight > document.body.scrollHeight - 2")
    assert not [one for one in tab.asked if "before=" in one]


async def test_a_new_chat_draws_nothing_of_the_one_before(tab: Tab, site: Site) -> None:
    """That would be a whole conversation for nothing."""
    await reopened(tab, site)

    assert await first_drawn(tab, "/chat", ".turn") == 0

    await tab.until("document.querySelector('.start')")


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_draws_what_is_seen_of_it_first(
    tab: Tab, site: Site, page: str
) -> None:
    """What lies below comes in later frames."""
    await sign_up(tab, site)

    drawn = await first_drawn(tab, page, "*")

    assert drawn <= PAGES[page]
    await tab.until(f"document.querySelectorAll('main *').length > {drawn // 2}")
