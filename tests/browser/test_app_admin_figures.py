"""The operator's figures, in a browser, over a month of a life and today.

Nobody here says what a model costs today: what is asked now costs nobody knows what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tests.browser.app import ask, ended, sign_up
from tests.browser.chromium import Chromium, Tab
from tests.browser.conftest import Site, opened_site
from tests.browser.desk import number, sign_in
from tests.browser.test_app_pages import looked_at
from tests.servers.postgresql import PostgreSQL
from tests.store import months
from tests.store.clerk import Clerk

pytestmark = pytest.mark.patience(240)

MONTH = "2026-10-01"
BEGINS = datetime(2026, 9, 30, 22, tzinfo=UTC)
ENDS = BEGINS + timedelta(days=31)


@pytest.fixture(scope="module")
def site(postgres: PostgreSQL) -> Iterator[Site]:
    """One of its own, with a past: sums are about all that there is."""
    with opened_site(postgres) as site:
        with Clerk(site.house.database, superuser=True) as owner:
            months.write(owner, months.life(Random(7), BEGINS, ENDS, daily=150))
            months.cost(owner, BEGINS)
        yield site


async def tile(tab: Tab, name: str) -> str:
    """What a tile says."""
    return await tab.text(f'[data-tile="{name}"] strong')


async def test_figures_are_those_of_the_database(tab: Tab, site: Site) -> None:
    """Tiles, charts and the table under them say what the rows add up to."""
    await sign_in(tab, site, f"/admin/figures?span=month&day={MONTH}")
    await tab.until("document.querySelector('.plot svg path.fill')")
    between = ("created_at >= %s and created_at < %s", BEGINS, ENDS)
    where, *moments = between
    questions = number(site, f"select count(*) from answers where {where}", *moments)
    spent = number(
        site,
        "select sum(e.amount) from entries e join transfers t on t.id = e.transfer_id"
        " join accounts a on a.id = e.account_id"
        f" where a.kind = 'spent' and t.{where.replace('and c', 'and t.c')}",
        *moments,
    )

    assert await tile(tab, "Questions") == f"{questions:,}"
    assert await tile(tab, "Tokens spent") == f"{spent:,}"
    assert "not known" not in await tab.text(".dashboard")
    chart = "[data-chart='By channel']"
    await tab.click(f"{chart} summary")
    await tab.reads(f"{chart} tfoot", "the whole month")
    cells = await tab.run(
        f'[...document.querySelectorAll("{chart} tfoot td")]'
        ".map((cell) => Number(cell.innerText.replaceAll(',', '')))"
    )
    assert sum(cells) == questions
    assert await tab.run("document.querySelectorAll('tbody tr').length") == 31
    await looked_at(tab, "a month of figures")


async def test_figures_are_read_by_keys(tab: Tab, site: Site) -> None:
    """Arrow keys go through the columns, which are read aloud; a day is hours."""
    await sign_in(tab, site, f"/admin/figures?span=day&day={MONTH}")
    await tab.until("document.querySelector('.plot svg path.fill')")
    plot = "document.querySelector('[role=slider]')"
    await tab.run(f"{plot}.focus()")
    for _ in range(2):
        await tab.do("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight")

    said = await tab.run(f"{plot}.getAttribute('aria-valuetext')")
    assert said.startswith("1 Oct, 01:00 to 02:00: Web ")
    assert await tab.run(f"{plot}.getAttribute('aria-valuemax')") == "24"
    await tab.run("document.querySelector('input[value=week]').click()")
    await tab.reads(".stretch-name", "28 September to 4 October 2026")
    await tab.click("[aria-label=After]")
    await tab.reads(".stretch-name", "5 to 11 October 2026")


async def test_a_time_in_which_nothing_was(tab: Tab, site: Site) -> None:
    """Says so, instead of empty axes."""
    await sign_in(tab, site, "/admin/figures?span=day&day=2026-01-05")

    await tab.reads(".dashboard .empty", "Nothing happened in this time.")
    assert await tile(tab, "Questions") == "0"
    assert await tab.run("document.querySelector('[role=slider]')") is None
    await looked_at(tab, "figures of nothing")


async def test_what_was_just_asked_is_in_today(
    tab: Tab, site: Site, browser: Chromium
) -> None:
    """With its tokens, the wait for its first words, and a cost that nobody knows."""
    before = number(site, "select count(*) from answers where created_at >= %s", ENDS)
    student = await browser.open()
    await sign_up(student, site)
    await ask(student, "words:30 of a story")
    await ended(student, 30)
    await student.close()
    await sign_in(tab, site, "/admin/figures?span=day")

    await tab.until("document.querySelector('.plot svg path.fill')")
    assert await tile(tab, "Questions") == f"{before + 1}"
    assert int(await tile(tab, "Tokens spent")) > 30
    assert re.fullmatch(r"[\d.]+ m?s", await tile(tab, "First words after"))
    assert await tile(tab, "Models cost") == "not known"
    note = await tab.text(".dashboard .note")
    assert re.match(r"Of \d+ answers? nobody has told us", note)
