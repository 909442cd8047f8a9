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

from tests.browser.app import ask, ended, ready, sign_up
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
WATCHED: Final = """window.slowest = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) {
    if (one.interactionId) window.slowest.push(one.duration);
  }
}).observe({ type: "event", durationThreshold: 16 })"""
PLACE: Final = """(() => {{ const one = document.querySelector({!r});
  one.scrollIntoView({{ block: "center", behavior: "instant" }});
  const box = one.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2]; }})()"""
FRAMES: Final = "new Promise((then) => setTimeout(then, 400))"


def tell(line: str) -> None:
    """A line of its own for whoever runs this."""
    sys.stdout.write(f"\n{line}\n")


async def slow(tab: Tab) -> None:
    """From now on it is a slow phone's."""
    await tab.do("Network.emulateNetworkConditions", **SLOW_3G)
    await tab.do("Emulation.setCPUThrottlingRate", rate=4)


async def tap(tab: Tab, element: str) -> None:
    """A click as a person's, where the element is shown."""
    await tab.until(f"document.querySelector({element!r})")
    x, y = await tab.run(PLACE.format(element))
    for kind in ("mousePressed", "mouseReleased"):
        at = {"x": x, "y": y, "button": "left", "clickCount": 1}
        await tab.do("Input.dispatchMouseEvent", type=kind, **at)
    await tab.run(FRAMES)


async def took(tab: Tab) -> list[float]:
    """Milliseconds from each event to the frame after it; under 16 is not told."""
    found: list[float] = await tab.run("window.slowest.splice(0)")
    return found or [16.0]


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


async def test_what_is_tapped_answers(tab: Tab, site: Site) -> None:
    """The menu, a package, a way to pay, a language, a switch, keys in the question."""
    await sign_up(tab, site)
    await ask(tab, "words:40")
    await ended(tab, 40)
    await tab.shown(360, 740)
    figures: dict[str, list[float]] = {}

    async def measured(name: str, *elements: str) -> None:
        for _ in range(ROUNDS):
            for element in elements:
                await tap(tab, element)
        figures[name] = await took(tab)

    async def opened(page: str) -> None:
        await tab.do("Emulation.setCPUThrottlingRate", rate=1)
        await tab.go(f"{site.url}{page}")
        await tab.until("document.querySelector('main :is(h2, .composer)')")
        await tab.until("document.querySelector('.bone') === null")
        await tab.run(WATCHED)
        await tab.do("Emulation.setCPUThrottlingRate", rate=4)

    await opened(str(await tab.run("location.pathname")))
    await measured("menu", ".opener", "dialog.drawer [aria-label=Close]")
    await measured("sheet", "[aria-label='This chat']", "dialog.sheet .quiet")
    await tab.run("document.querySelector('.composer textarea').focus()")
    for _ in range(20):
        await tab.press(" ", "x")
    figures["keys"] = await took(tab)
    await opened("/wallet")
    await measured("package", *(f".package:nth-of-type({place})" for place in (1, 2)))
    await opened("/account")
    await measured("switch", ".switch")
    await opened("/essay")
    await measured("length", ".pill:nth-of-type(1)", ".pill:nth-of-type(2)")

    for name, times in figures.items():
        tell(f"{name}: median {median(times):.0f} ms, worst {max(times):.0f} ms")
