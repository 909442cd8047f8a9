"""The admin pages of what is sold, given and said, in a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.browser.chromium import Tab
from tests.browser.conftest import Site, opened_site
from tests.browser.desk import number, press, sign_in
from tests.browser.test_app_pages import looked_at
from tests.servers.postgresql import PostgreSQL
from tests.service.home import query
from tests.store import months
from tests.store.clerk import Clerk
from tests.store.test_dead_jobs import die

pytestmark = pytest.mark.patience(240)

BEGINS = datetime(2026, 9, 30, 22, tzinfo=UTC)
ENDS = BEGINS + timedelta(days=3)


@pytest.fixture(scope="module")
def site(postgres: PostgreSQL) -> Iterator[Site]:
    """One of its own, with people who have written: words go to all that there are."""
    with opened_site(postgres) as site:
        with Clerk(site.house.database, superuser=True) as owner:
            months.write(owner, months.life(Random(7), BEGINS, ENDS, daily=150))
        yield site


async def send(tab: Tab, card: str, **fields: str) -> None:
    """Fills in the open form of a card, and sends it."""
    for name, text in fields.items():
        element = f"document.querySelector('{card} [name={name}]')"
        await tab.until(element)
        await tab.run(f"({element}.value = {json.dumps(text)}, 0)")
    await tab.run(f"document.querySelector('{card} form').requestSubmit()")


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
