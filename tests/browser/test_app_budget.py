"""What a visit takes over the network, in bytes and requests, as a phone pays."""

from __future__ import annotations

from typing import Final

import pytest

from tests.browser.app import ask, ended, ready, sign_up
from tests.browser.chromium import Tab
from tests.browser.conftest import Site

pytestmark = pytest.mark.patience(240)

SIZES: Final = {
    "/chat": (100_000, 20),
    "/wallet": (100_000, 22),
    "/essay": (100_000, 20),
}
"""Bytes of a page that is opened first, headers and data included, and requests, with
those to the API; scripts, style and page are 13 at most."""
LATER: Final = 5_000
"""Bytes of a later visit: data alone."""

KEPT = """new Promise((kept) => {
  const look = () => caches.open("zimgpt-assets").then((all) => all.keys())
    .then((all) => (all.length > 10 ? kept(true) : setTimeout(look, 50)));
  look();
})"""


async def first_load(tab: Tab, site: Site, page: str) -> tuple[int, int]:
    """Bytes and requests of a page in a browser that has kept nothing of ours."""
    await tab.do("Network.setBypassServiceWorker", bypass=True)
    await tab.do("Network.clearBrowserCache")
    await tab.go("about:blank")
    tab.loaded.clear()
    tab.asked.clear()
    await tab.go(f"{site.url}{page}")
    await tab.until("document.querySelector('main :is(h2, .composer)')")
    await tab.until("document.querySelector('[data-balance]')")
    await tab.until("document.querySelector('.bone') === null")
    asked = [one for one in tab.asked if one.startswith("http")]
    await tab.do("Network.setBypassServiceWorker", bypass=False)
    return sum(tab.loaded.values()), len(asked)


@pytest.mark.parametrize("page", SIZES)
async def test_a_page_that_is_opened_first_is_small(
    tab: Tab, site: Site, page: str
) -> None:
    """Whichever it is: a link from a friend may lead to any."""
    await sign_up(tab, site)
    most, requests = SIZES[page]

    found = await first_load(tab, site, page)

    assert found[0] <= most
    assert found[1] <= requests


async def test_a_second_visit_takes_data_alone(tab: Tab, site: Site) -> None:
    """Markdown included, once it has come, nothing but JSON is fetched."""
    await sign_up(tab, site)
    await ask(tab, "words:5")
    await ended(tab, 5)
    await tab.run("navigator.serviceWorker.register('/sw.js')")
    await tab.run(KEPT)
    await tab.go(f"{site.url}/chat")
    await ready(tab)
    tab.loaded.clear()
    tab.asked.clear()
    await tab.go(f"{site.url}/chat")
    await ready(tab)

    assert sum(tab.loaded.values()) <= LATER
