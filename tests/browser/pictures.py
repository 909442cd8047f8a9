"""Makes the pictures that the documents show, of real pages; looked at, then committed.

    .venv/bin/python -m pytest tests/browser/pictures.py

Answers are put into the database, for a model made for tests writes only ``w0 w1 w2``.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.browser.app import sign_up
from tests.browser.chromium import Tab
from tests.browser.conftest import Site, opened_site
from tests.browser.desk import sign_in
from tests.browser.test_app_whatsapp import Town, town
from tests.servers.postgresql import PostgreSQL
from tests.store import months
from tests.store.clerk import Asked, Clerk

__all__ = ["town"]  # its fixture
pytestmark = pytest.mark.patience(120)

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"
BEGINS: Final = datetime(2026, 9, 30, 22, tzinfo=UTC)
PHONE: Final = (360, 740)
DESK: Final = (1180, 820)
QUESTION: Final = "How is the power of a hydroelectric station worked out?"
ANSWER: Final = """\
The water that falls gives its energy to a turbine. Each second that is

$$P = \\eta \\rho g Q h$$

| sign | what it is | unit |
|---|---|---|
| $\\eta$ | efficiency, below 1 | none |
| $\\rho$ | density of water | kg/m³ |
| $Q$ | water each second | m³/s |
| $h$ | how far it falls | m |

**An example.** With $\\eta = 0.9$, 200 m³ of water a second and 100 m to fall:

$$P = 0.9 \\times 1000 \\times 9.81 \\times 200 \\times 100 \\approx 177\\ \\text{MW}$$

In a dry year $Q$ is small, and so is $P$.
"""
TOPIC: Final = "How were the walls of Great Zimbabwe built?"
ESSAY: Final = """\
## Introduction

The walls of Great Zimbabwe stand without mortar. They were raised between about the
eleventh and the fifteenth century by ancestors of today's Shona people, and their name,
*dzimbahwe*, is that of houses of stone. This essay asks where the stone came from, how
it was laid, and what the shape of the walls tells of those who laid it.

## The stone

The hills are of granite. Hot days and cold nights split it into slabs of an even
thickness, as the skin of an onion comes off. Fire, followed by water, hastened what the
weather had begun. The slabs were broken into blocks that one person could lift.

## The craft

Each course was set back a little from the one below, so that the wall leans inwards and
stands by its weight. The earliest walls have uneven courses; later ones are level.
"""


@pytest.fixture(scope="module")
def site(postgres: PostgreSQL) -> Iterator[Site]:
    """A service with a month behind it."""
    with opened_site(postgres) as site:
        with Clerk(site.house.database, superuser=True) as owner:
            ends = BEGINS + timedelta(days=31)
            months.write(owner, months.life(Random(7), BEGINS, ends, daily=150))
            months.cost(owner, BEGINS)
        yield site


async def take(tab: Tab, name: str, size: tuple[int, int], scheme: str) -> None:
    """A picture of the page as it stands, twice as fine as its points."""
    width, height = size
    await tab.shown(width, height, scheme)
    await tab.do(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=height,
        deviceScaleFactor=2,
        mobile=width < 600,
    )
    shot: Any = await tab.do("Page.captureScreenshot", format="webp", quality=80)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))


def written(site: Site, number: str, question: str, text: str, kind: str) -> Asked:
    """An answer of this person's that is whole."""
    with Clerk(site.house.database, superuser=True) as owner:
        user = owner.value(
            "select id from users where phone_e164 = %s", "+263" + number[1:]
        )
        asked = owner.ask(user, text=question, kind=kind)
        assert owner.claim(asked.job) == 1
        assert owner.append(asked.answer, 1, 1, text)
        owner.finish(asked.answer, 1)
        if kind == "essay":
            brief = '{"level": "zimsec_o", "language": "en", "words": 450}'
            owner.rows(
                "update questions set brief = %s where answer_id = %s",
                *(brief, asked.answer),
            )
        return asked


async def test_a_chat(tab: Tab, site: Site) -> None:
    """An answer with a table and mathematics, on a phone."""
    number = await sign_up(tab, site)
    asked = written(site, number, QUESTION, ANSWER, "chat")
    await tab.go(f"{site.url}/chat/{asked.conversation}")
    await tab.until("document.querySelector('.prose table')")
    await tab.until("document.querySelector('.prose math')")

    await take(tab, "chat", PHONE, "light")


async def test_an_essay(tab: Tab, site: Site) -> None:
    """An essay to be read, in the dark."""
    number = await sign_up(tab, site)
    asked = written(site, number, TOPIC, ESSAY, "essay")
    await tab.go(f"{site.url}/essay/{asked.conversation}")
    await tab.until("document.querySelector('.essay-tools [data-cost]')")

    await take(tab, "essay", PHONE, "dark")


async def test_a_wallet(tab: Tab, site: Site) -> None:
    """What tokens cost."""
    await sign_up(tab, site)
    await tab.go(f"{site.url}/wallet")
    await tab.until("document.querySelector('.bone') === null")

    await take(tab, "wallet", PHONE, "light")


async def test_whatsapp(tab: Tab, town: Town) -> None:
    """The same on WhatsApp, in Shona, as the page shows that plays phones."""
    await tab.go(f"{town.phones.url}/#tendai")
    await tab.until("!document.querySelector('#chat').hidden")
    await tab.shown(*PHONE)
    for replies, words in enumerate(("mhoro", "sn", "bhalansi"), 1):
        await tab.type("#text", words)
        await tab.press("Enter", "\r")
        await tab.until(f"document.querySelectorAll('.theirs').length >= {replies}")

    await take(tab, "whatsapp", PHONE, "light")


async def test_figures(tab: Tab, site: Site) -> None:
    """A month, as an operator sees it."""
    await tab.shown(*DESK)
    await sign_in(tab, site, "/admin/figures?span=month&day=2026-10-01")
    await tab.until("document.querySelector('.plot svg path.fill')")

    await take(tab, "figures", DESK, "light")
