"""The admin pages in a browser: in by a code, and a student helped."""

from __future__ import annotations

import pytest

from tests.browser.app import sign_up
from tests.browser.chromium import Chromium, Tab
from tests.browser.conftest import Site
from tests.browser.desk import press, sign_in
from tests.browser.test_app_pages import looked_at
from tests.service.home import query
from tests.store.clerk import Clerk
from zimgpt.inbound.admin.replies import PAGE

pytestmark = pytest.mark.patience(240)


async def test_an_operator_finds_somebody_and_gives_them_tokens(
    tab: Tab, site: Site, browser: Chromium
) -> None:
    """By a part of their number; with a reason, once, and it is in their ledger."""
    student = await browser.open()
    number = await sign_up(student, site)
    await student.close()
    operator = await sign_in(tab, site)
    await looked_at(tab, "where operators begin")

    await tab.type("input[name=digits]", number)
    await tab.run("document.querySelector('form.find').requestSubmit()")
    await tab.until("location.pathname === '/admin/users'")
    await tab.until("document.querySelectorAll('.rows tbody tr').length === 1")
    await looked_at(tab, "somebody found")
    await tab.click(".rows a")
    await tab.reads("#ledger", "welcome")
    await press(tab, "#doing", "Give tokens")
    await looked_at(tab, "a gift to be given")
    await tab.type("input[name=tokens]", "12,500")
    await tab.type("input[name=reason]", "her answer was cut by the outage")
    await tab.run("document.querySelector('form.act').requestSubmit()")
    await tab.reads("#doing", "Given")
    await tab.reads("#ledger", "her answer was cut by the outage")
    await tab.reads("#ledger", "+12,500")
    await tab.reads("#acts", operator.name)
    await looked_at(tab, "a person")

    [(who, why)] = query(
        site.house.database,
        "select who, reason from operator_acts where act = 'grant' and who = %s",
        operator.name,
    )
    assert who == operator.name
    assert why.endswith("her answer was cut by the outage")
    assert (
        await tab.run("caches.keys().then((all) => all.length + localStorage.length)")
        == 0
    )


async def test_people_come_page_by_page(tab: Tab, site: Site) -> None:
    """More of those found are shown below the first, each once, until all are there."""
    with Clerk(site.house.database, superuser=True) as owner:
        everybody = [owner.person(0) for _ in range(PAGE + 2)]
        owner.rows(
            "update users set phone_e164 = '+26377' || (id + 5550000)::text"
            " where id = any(%s)",
            everybody,
        )
    await sign_in(tab, site, "/admin/users?digits=77555")
    people = "[...document.querySelectorAll('.rows tbody a')]"
    await tab.until(f"{people}.length === {PAGE}")

    await press(tab, "#main", "Show more")

    await tab.until(f"{people}.length === {PAGE + 2}")
    names = await tab.run(f"{people}.map((one) => one.textContent)")
    assert names == [f"Person {one}" for one in reversed(everybody)]
    assert "Show more" not in await tab.text("#main")
    await looked_at(tab, "people found, page by page")


async def test_who_signs_out_leaves_nothing(tab: Tab, site: Site) -> None:
    """Not on the screen, and not by going back."""
    await sign_in(tab, site, "/admin/users")
    await tab.reads("#main", "The newest people")

    await tab.shown(1280, 800)
    await press(tab, ".menu-foot", "Sign out")

    await tab.until("document.querySelector('input[name=password]')")
    assert "The newest people" not in await tab.text("body")
    await tab.go(f"{site.url}/admin/users")
    await tab.until("document.querySelector('input[name=password]')")


async def test_a_payment_that_needs_somebody_is_approved(tab: Tab, site: Site) -> None:
    """From the queue to its evidence to its tokens; what was decided is on record."""
    with Clerk(site.house.database, superuser=True) as owner:
        payment = owner.pay(owner.person(0))
        body = b"status=Paid&amount=0.45&pollurl=https://gateway/secret"
        owner.decide(payment, 2, "review", matched=False, body=body)
        owner.rows("update payments set reason = 'amount' where id = %s", payment)
    reference = f"ZG-{payment[:8]}"

    operator = await sign_in(tab, site)
    await tab.reads("#queue", reference)
    await tab.reads("#queue", "Compare it")
    await looked_at(tab, "what needs somebody")
    await tab.click(f"#queue a[href$='{reference}']")
    await tab.reads("#evidence", "amount=0.45")
    assert "gateway/secret" not in await tab.text("#evidence")
    await looked_at(tab, "a payment in review")

    await press(tab, "#doing", "Approve")
    await tab.type("input[name=reason]", "the gateway's list has it")
    await tab.run("document.querySelector('form.act').requestSubmit()")
    await tab.reads("#transfers", "+10,000")
    await tab.reads("#doing", "It is credited now.")
    await tab.reads("#acts", operator.name)
    await tab.go(f"{site.url}/admin/record")
    await tab.reads(".rows", "the gateway's list has it")
    await looked_at(tab, "the record")
    await tab.go(f"{site.url}/admin/payments?state=credited")
    await tab.reads("#payments .rows", reference)
    await looked_at(tab, "payments")
