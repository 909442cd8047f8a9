"""What a visit takes over the network, in bytes and requests, as a phone pays."""

from __future__ import annotations

import pytest

from tests.browser.app import ask, ended, ready, sign_up
from tests.browser.chromium import Tab
from tests.browser.conftest import Site

pytestmark = pytest.mark.patience(90)

MOST = 100_000
"""Bytes of the chat's first load, headers and data included."""
REQUESTS = 20
"""With what is asked of the API; scripts, style and page are 13 at most."""

KEPT = """new Promise((kept) => {
  const look = () => caches.open("zimgpt-assets").then((all) => all.keys())
    .then((all) => (all.length > 10 ? kept(true) : setTimeout(look, 50)));
  look();
})"""


async def test_a_first_visit_is_small_and_a_second_takes_data_alone(
    tab: Tab, site: Site
) -> None:
    """Markdown included, once it has come; later nothing but JSON is fetched."""
    await sign_up(tab, site)
    await tab.do("Network.clearBrowserCache")
    tab.loaded.clear()
    tab.asked.clear()

    await tab.go(f"{site.url}/chat")
    await ready(tab)
    first = sum(tab.loaded.values())
    assert first <= MOST
    assert len([one for one in tab.asked if one.startswith("http")]) <= REQUESTS

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

    assert sum(tab.loaded.values()) <= 5_000
