"""How long each thing that people touch takes to answer, for bench/README.md.

    chrt -r 2 .venv/bin/python -m pytest tests/browser/taps.py -s

From the touch to the frame that answers it, by the browser's own event timing, with
the page's processor at a quarter; and the processor time of the page's own thread until
half a second after it, which other work on the machine changes little. As root, `chrt`
keeps that other work away: `nice` does not, for Chromium sets its own.
"""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import Final

import pytest

from tests.browser.app import ready, sign_up
from tests.browser.chromium import Tab
from tests.browser.conftest import Site
from tests.browser.copies import TURNS, long_talk
from tests.browser.figures import tell

pytestmark = pytest.mark.patience(1_200)

ROUNDS: Final = 7
SLOWER: Final = 4
WATCHED: Final = """window.slowest = [];
new PerformanceObserver((list) => {
  for (const { name, duration } of list.getEntries())
    if (/^(?:pointer|click)/.test(name)) slowest.push(duration);
}).observe({ type: "event", durationThreshold: 16 })"""
PLACE: Final = """(() => {
  const one = document.querySelector(%r);
  const fixed = one.closest("dialog, .top, .composer");
  if (!fixed) one.scrollIntoView({ block: "center", behavior: "instant" });
  const box = one.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
})()"""
CALM: Final = """new Promise((then) =>
  requestIdleCallback(() => setTimeout(then, 300), { timeout: 3000 }))"""
ANSWERED: Final = "new Promise((then) => setTimeout(then, 500))"
WHOLE: Final = f"""document.querySelectorAll('.turn').length >= {TURNS}
  && document.querySelector('.prose math')"""
START: Final = "document.querySelector('.start')"


class Thumb:
    """Touches a page as a slow phone's, and notes what each took."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab
        self.frames: dict[str, list[float]] = defaultdict(list)
        self.work: dict[str, list[float]] = defaultdict(list)

    async def rests(self, condition: str) -> None:
        """Waits with a whole core until it is so, and nothing is left to do."""
        await self._tab.do("Emulation.setCPUThrottlingRate", rate=1)
        await self._tab.until(condition)
        await self._tab.until("document.querySelector('.bone') === null")
        await self._tab.run(CALM)
        await self._tab.do("Emulation.setCPUThrottlingRate", rate=SLOWER)
        await self._tab.run(CALM)

    async def taps(self, name: str, element: str, then: str = "true") -> None:
        """Touches an element, and waits until something is so; a name to note it."""
        await self.rests(f"document.querySelector({element!r})?.checkVisibility()")
        x, y = await self._tab.run(PLACE % element)
        await self._tab.run(f"{CALM}.then(() => void slowest.splice(0))")
        before = await self._worked()
        for kind, points in (("touchStart", [{"x": x, "y": y}]), ("touchEnd", [])):
            await self._tab.do(
                "Input.dispatchTouchEvent", type=kind, touchPoints=points
            )
        await self._tab.run(ANSWERED)
        await self._note(name, before)
        await self.rests(then)

    async def writes(self, text: str) -> None:
        """Writes a question."""
        await self._tab.type(".composer textarea", text)

    async def _note(self, name: str, before: float) -> None:
        slowest = await self._tab.run("slowest.splice(0)")
        work = 1000 * (await self._worked() - before)
        if name:
            self.frames[name].append(max(slowest, default=16.0))
            self.work[name].append(work)

    async def _worked(self) -> float:
        found = (await self._tab.do("Performance.getMetrics"))["metrics"]
        return float(next(o["value"] for o in found if o["name"] == "TaskDuration"))


async def test_what_is_touched_answers(tab: Tab, site: Site) -> None:
    """A round through the app: chat, wallet, payment, account, essay, other chats."""
    await sign_up(tab, site)
    talk = f"/chat/{await long_talk(tab, site)}"
    await tab.shown(360, 740)
    await tab.do("Emulation.setTouchEmulationEnabled", enabled=True)
    await tab.do("Performance.enable", timeDomain="threadTicks")
    thumb = Thumb(tab)
    for _ in range(ROUNDS):
        await tab.do("Emulation.setCPUThrottlingRate", rate=1)
        await tab.go(site.url + talk)
        await ready(tab)
        await tab.until(WHOLE)
        await tab.run(WATCHED)
        await around(thumb, talk)

    for name, times in thumb.frames.items():
        work = median(thumb.work[name])
        tell(f"{name}: {median(times):.0f} ms, worst {max(times):.0f}; work {work:.0f}")


async def around(thumb: Thumb, talk: str) -> None:
    """From a long chat to everything and back."""

    async def goes(name: str, page: str, then: str) -> None:
        await thumb.taps("", ".opener")
        await thumb.taps(name, f"dialog.drawer a[href='{page}']", then)

    await thumb.taps("menu, first", ".opener")
    await thumb.taps("menu, closed", "dialog.drawer [aria-label=Close]")
    await thumb.taps("menu, again", ".opener")
    await thumb.taps("", "dialog.drawer [aria-label=Close]")
    await thumb.taps("sheet", "[aria-label='This chat']")
    await thumb.taps("sheet, closed", "dialog.sheet .quiet")
    await thumb.writes("rain")
    await thumb.taps("question sent", ".send", "!document.querySelector('.dots')")
    await thumb.taps("to the wallet", ".purse", "document.querySelector('.package')")
    await thumb.taps("package", ".package:nth-of-type(2)")
    await thumb.taps("way to pay", "#buy fieldset:last-of-type .choice + .choice")
    await thumb.taps("pay", "#buy .wide", "document.querySelector('.receipt')")
    await goes("back to the chat", talk, WHOLE)
    await goes("to the account", "/account", "document.querySelector('.switch')")
    await thumb.taps("switch", ".switch")
    await thumb.taps("", ".switch")
    await goes("to an essay", "/essay", "document.querySelector('.pill')")
    await thumb.taps("length", ".pill:nth-of-type(1)")
    await goes("back to the chat", talk, WHOLE)
    await thumb.taps("", ".opener")
    await thumb.taps("another chat", "dialog.drawer li:nth-child(2) a", START)
    await goes("", talk, WHOLE)
    await thumb.taps("", ".purse", "document.querySelector('.package')")
    await goes("new chat", "/chat", START)
