"""What the web app takes of data and time, for bench/README.md; tests hold it to sizes.

    .venv/bin/python -m pytest tests/browser/figures.py -s

One run; medians of a few rounds each. A slow phone is Chromium with a quarter of a
core, on slow 3G: 400 ms there and back, 50 kB a second.
"""

from __future__ import annotations

import sys
from statistics import median
from typing import Final

import pytest

from tests.browser.app import ready, sign_up
from tests.browser.chromium import Tab
from tests.browser.conftest import Site
from tests.browser.test_app_budget import KEPT, SIZES, first_load

pytestmark = pytest.mark.patience(600)

ROUNDS: Final = 5
SLOW_3G: Final = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}
PAINTED: Final = """new Promise((told) => {
  const look = () => {
    const [one] = performance.getEntriesByName("first-contentful-paint");
    if (one) told(one.startTime); else setTimeout(look, 20);
  };
  look();
})"""


def tell(line: str) -> None:
    """A line of its own for whoever runs this."""
    sys.stdout.write(f"\n{line}\n")


async def slow(tab: Tab) -> None:
    """From now on it is a slow phone's."""
    await tab.do("Network.emulateNetworkConditions", **SLOW_3G)
    await tab.do("Emulation.setCPUThrottlingRate", rate=4)


@pytest.mark.parametrize("page", SIZES)
async def test_first_loads(tab: Tab, site: Site, page: str) -> None:
    """Bytes and requests of a page that is the first one opened."""
    await sign_up(tab, site)

    size, requests = await first_load(tab, site, page)

    tell(f"{page}: {size / 1000:.1f} kB in {requests} requests")


async def test_a_later_visit_on_a_slow_phone(tab: Tab, site: Site) -> None:
    """Until something is seen, and until there is a place to ask."""
    await sign_up(tab, site)
    await tab.run("navigator.serviceWorker.register('/sw.js')")
    await tab.run(KEPT)
    await tab.go(f"{site.url}/chat")
    await ready(tab)
    await slow(tab)
    paints = []
    for _ in range(ROUNDS):
        await tab.go("about:blank")
        await tab.go(f"{site.url}/chat")
        paints.append(float(await tab.run(PAINTED)))

    tell(f"first contentful paint: median {median(paints):.0f} of {paints} ms")
