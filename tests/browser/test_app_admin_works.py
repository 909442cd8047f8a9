"""The admin pages of what is not about people, in a browser, over a month of a life."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.browser.app import ask, ended, sign_up
from tests.browser.chromium import Chromium, Tab
from tests.browser.conftest import Site, opened_site
from tests.browser.desk import press, sign_in
from tests.browser.test_app_pages import looked_at
from tests.servers.postgresql import PostgreSQL
from tests.service.home import query
from tests.store import months
from tests.store.clerk import Clerk
from tests.store.test_dead_jobs import die

pytestmark = pytest.mark.patience(90)

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


def number(site: Site, sql: str, *values: object) -> int:
    """One number of the database."""
    [(value,)] = query(site.house.database, sql, *values)
    return int(value)


async def tile(tab: Tab, name: str) -> str:
    """What a tile says."""
    return await tab.text(f'[data-tile="{name}"] strong')


async def send(tab: Tab, card: str, **fields: str) -> None:
    """Fills in the open form of a card, and sends it."""
    for name, text in fields.items():
        element = f"document.querySelector('{card} [name={name}]')"
        await tab.until(element)
        await tab.run(f"({element}.value = {json.dumps(text)}, 0)")
    await tab.run(f"document.querySelector('{card} form').requestSubmit()")


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


async def test_a_new_version_of_a_price(tab: Tab, site: Site) -> None:
    """It is in force, in the list of versions with who and why, and in the database."""
    operator = await sign_in(tab, site, "/admin/prices")
    await press(tab, "#prices", "New price")
    await send(
        tab, "#prices", prompt="0.25", completion="1.5", reason="the maker lowered it"
    )
    await tab.reads("#prices .rows", "0.25")
    await tab.reads("#history", "the maker lowered it")
    await press(tab, "#costs", "New cost")
    await send(tab, "#costs", prompt="0.075", completion="0.3", reason="their letter")
    await tab.reads("#costs .rows", "US$0.075")
    await tab.reads("#history", operator.name)

    assert query(
        site.house.database,
        "select model, prompt_millis, completion_millis from prices order by id desc"
        " limit 1",
    ) == [("fake", 250, 1500)]
    assert query(
        site.house.database,
        "select prompt_micros, completion_micros from model_costs order by id desc"
        " limit 1",
    ) == [(75_000, 300_000)]
    await looked_at(tab, "prices")


async def test_packages_and_the_rate(tab: Tab, site: Site) -> None:
    """A package changes and is withdrawn; a rate far off the last one wants a word."""
    await sign_in(tab, site, "/admin/packages")
    await press(tab, "#packages", "New version, or new package")
    await send(
        tab, "#packages", package="taste", tokens="12,000", price="0.50", reason="more"
    )
    await tab.reads("#packages .note", "taste is 12,000 tokens for US$0.50")
    await press(tab, "#packages", "Sell one no more")
    await tab.until("document.querySelector('select[name=package]')")
    await tab.run("document.querySelector('select[name=package]').value = 'school'")
    await send(tab, "#packages", reason="nobody buys it")
    await tab.reads("#packages .rows", "no more")
    await press(tab, "#rates", "New rate")
    await send(tab, "#rates", rate="268.00", reason="a slip")
    await tab.reads("#rates .note", "far from the last rate")
    await send(tab, "#rates", rate="27.10", reason="the bank's of today")
    await tab.reads("#rates", "ZiG 27.10")

    assert query(
        site.house.database,
        "select tokens, cents, offered from packages where package in"
        " ('taste', 'school') order by valid_from desc limit 2",
    ) == [(600_000, 2_500, False), (12_000, 50, True)]
    await looked_at(tab, "packages")


async def test_vouchers_are_shown_once(tab: Tab, site: Site) -> None:
    """Their codes are on the sheet to print, and nowhere when it is closed."""
    await sign_in(tab, site, "/admin/vouchers")
    await press(tab, "#batches", "Make vouchers")
    await send(
        tab, "#batches", batch="fair", count="3", tokens="5,000", reason="the fair"
    )
    await tab.reads("#to-print", "5,000 tokens")
    code = await tab.text(".ticket code")
    await looked_at(tab, "vouchers to print")
    await press(tab, "#to-print", "I have them")
    await tab.reads("#batches .rows", "fair")

    with Clerk(site.house.database) as clerk:
        user = clerk.person(0)
    digest = "sha256(replace(replace(%s, 'ZV-', ''), '-', '')::bytea)"
    assert query(
        site.house.database,
        f"select outcome from redeem_voucher(%s, null, {digest}, 9, 9)",
        user,
        code,
    ) == [("redeemed",)]
    assert code not in await tab.run("document.body.innerText")
    await press(tab, "#batches", "Revoke a batch")
    await send(tab, "#batches", reason="two were lost")
    await tab.reads("#batches .rows", "revoked")


HEARD = """
update whatsapp_contacts set heard_at = now() - interval '1 hour',
       opted_out_at = case when id %% 10 = 0 then now() end
 where id in (select id from whatsapp_contacts order by id limit %s)
"""


async def test_words_to_everybody(tab: Tab, site: Site) -> None:
    """To how many is said first; whoever said STOP is left out; nobody has it twice."""
    with Clerk(site.house.database, superuser=True) as owner:
        owner.rows(HEARD, 20)
    await sign_in(tab, site, "/admin/broadcast")
    words = {"id": "outage-1", "en": "Power is back.", "sn": "Magetsi adzoka."}
    await send(tab, "#compose", **words, reason="the cut in Mbare")
    await tab.reads("#compose", "to 18 people on WhatsApp and in the web app")
    await looked_at(tab, "words to be sent")
    await press(tab, "#compose", "Send it")
    await tab.reads("#progress", "outage-1 went to 18 people")
    await tab.reads("[data-broadcast='outage-1']", "to 18 people")

    assert number(site, "select count(*) from broadcast_people") == 18
    await send(tab, "#compose", **{**words, "en": "Other words."}, reason="again")
    await press(tab, "#compose", "Send it")
    await tab.reads("#compose [role=alert]", "other words was begun before")
    assert number(site, "select count(*) from broadcast_people") == 18


async def test_a_dead_job_is_tried_again(tab: Tab, site: Site) -> None:
    """What is known of it is there, but no word that was asked; then it is done."""
    with Clerk(site.house.database) as clerk:
        user = clerk.person(5_000)
        asked = clerk.ask(user, text="words:5 of a secret")
        die(clerk, asked, "ValueError: broken on purpose")
    operator = await sign_in(tab, site)
    await tab.reads("main", "One job is dead.")
    await looked_at(tab, "today")
    await tab.click('main a[href="/admin/jobs"]')
    await tab.reads('[data-count="dead chat"]', "1")
    await looked_at(tab, "dead jobs")
    await tab.click("#jobs .rows a")
    await tab.reads("#job", "broken on purpose")
    assert "secret" not in await tab.run("document.body.innerText")
    await looked_at(tab, "a dead job")
    await press(tab, "#doing", "Try again")
    await send(tab, "#doing", reason="the model is mended")
    await tab.reads("#acts", "the model is mended")
    await tab.reads("#acts", operator.name)

    done: Any = (
        "fetch('/admin/api/jobs/%s').then((said) => said.json())"
        ".then(({ job }) => job.state === 'done')"
    )
    await tab.run(
        "new Promise((good) => { const look = () => %s.then((is) =>"
        " is ? good(true) : setTimeout(look, 100)); look(); })" % (done % asked.job)
    )
    [(text,)] = query(
        site.house.database, "select text from answers where id = %s", asked.answer
    )
    assert json.dumps(text)
