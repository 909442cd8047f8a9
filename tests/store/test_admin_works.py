"""What operators set, print and say from their pages, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import attrs
import pytest
from twisted.internet import reactor

from tests.store.clerk import Clerk
from tests.store.test_dead_jobs import die
from zimgpt.domain.errors import NotFound, Refusal
from zimgpt.domain.ledger import Price
from zimgpt.domain.vouchers import BatchExists, digest, read
from zimgpt.flows.ports.back_office import By
from zimgpt.flows.ports.shop import Batches, Catalogue
from zimgpt.flows.ports.works import Broadcast, Broadcasts, JobDesk
from zimgpt.flows.printing import Printing
from zimgpt.store.admin_shop import DeskBatches, DeskCatalogue
from zimgpt.store.admin_works import DeskBroadcasts, DeskJobs
from zimgpt.store.deskwork import Deskwork, threads

BY = By("tariro", "as the board said")
DAY = timedelta(days=1)


@attrs.frozen
class Desk:
    """The four rooms."""

    catalogue: Catalogue
    batches: Batches
    broadcasts: Broadcasts
    jobs: JobDesk


@pytest.fixture
def desk(database: str) -> Iterator[Desk]:
    """At a new database."""
    pool = threads()
    pool.start()
    work = Deskwork(reactor, pool, database)  # type: ignore[arg-type]
    yield Desk(
        DeskCatalogue(work), DeskBatches(work), DeskBroadcasts(work), DeskJobs(work)
    )
    pool.stop()


def acts(owner: Clerk) -> list[tuple[str, ...]]:
    """What was noted."""
    return owner.rows("select who, act, subject from operator_acts order by id")


async def test_prices_and_costs_have_versions(desk: Desk, owner: Clerk) -> None:
    """The latest is in force; all are told, with who made them."""
    for millis in (100, 200):
        await desk.catalogue.set_price(Price("m", millis, 2 * millis), BY)
    cost = await desk.catalogue.set_cost("m", 75_000, 300_000, BY)
    told = await desk.catalogue.prices()

    assert cost["completion_micros"] == 300_000
    assert [one["prompt_millis"] for one in told["prices"]] == [200]
    assert [one["prompt_millis"] for one in told["price_history"]] == [200, 100]
    assert told["cost_history"][0]["who"] == "tariro"
    assert acts(owner) == [
        ("tariro", "price", "model m"),
        ("tariro", "price", "model m"),
        ("tariro", "cost", "model m"),
    ]


async def test_packages_and_rates_have_versions(desk: Desk, owner: Clerk) -> None:
    """One is sold no more; a slip in a rate is asked about."""
    made = await desk.catalogue.set_package("taste", 12_000, 50, BY)
    gone = await desk.catalogue.withdraw("school", BY)
    await desk.catalogue.set_rate(2_680, False, BY)
    with pytest.raises(Refusal, match="far from"):
        await desk.catalogue.set_rate(268, False, BY)
    await desk.catalogue.set_rate(268, True, BY)
    with pytest.raises(Refusal, match="no package"):
        await desk.catalogue.withdraw("nothing", BY)
    told = await desk.catalogue.packages()

    assert (made["version"], gone["offered"]) == (2, False)
    assert [one["cents_per_dollar"] for one in told["rates"]] == [268, 2_680]
    assert {one["package"] for one in told["packages"] if not one["offered"]} == {
        "school"
    }
    assert len(told["history"]) == 7
    assert [act for _, act, _ in acts(owner)] == ["package", "package", "rate", "rate"]


async def test_vouchers_that_were_printed_are_good(desk: Desk, owner: Clerk) -> None:
    """Once each, until their batch is revoked."""
    user = owner.person(0)
    secrets = iter(bytes([number] * 32) for number in range(9))
    printing = Printing(desk.batches, lambda: next(secrets))
    first, second = await printing.make("fair", 2, 500, DAY, BY)
    with pytest.raises(BatchExists):
        await printing.make("fair", 2, 500, DAY, BY)

    redeem = "select outcome from redeem_voucher(%s, null, %s, 9, 9)"
    assert owner.value(redeem, user, digest(read(first))) == "redeemed"
    assert await desk.batches.revoke("fair", BY) is True
    assert await desk.batches.revoke("fair", BY) is False
    assert owner.value(redeem, user, digest(read(second))) == "revoked"
    [batch] = await desk.batches.list()
    assert (batch["vouchers"], batch["redeemed"]) == (2, 1)
    assert owner.wallet(user) == (500, 0)
    with pytest.raises(NotFound):
        await desk.batches.revoke("nothing", BY)


LISTENING = """
insert into whatsapp_contacts (user_id, phone, heard_at, opted_out_at)
  values (%s, %s, now(), case when %s then now() end)
"""


async def test_everybody_hears_it_once(desk: Desk, owner: Clerk) -> None:
    """But who said STOP; who writes later can have it later."""
    user = owner.person(0)
    for number in range(5):
        owner.rows(LISTENING, user, f"+2637100000{number}", number == 0)
    said = Broadcast("outage", {"en": "It is back."}, True, True, DAY)

    assert await desk.broadcasts.waiting("outage") == 4
    assert await desk.broadcasts.begin(said, BY) is True
    assert await desk.broadcasts.begin(said, BY) is False
    sent = [await desk.broadcasts.send_some("outage", 3) for _ in range(3)]
    assert sent == [3, 1, 0]
    owner.rows(LISTENING, user, "+26371000009", False)
    [told] = await desk.broadcasts.list()
    assert (told["sent"], told["waiting"]) == (4, 1)
    assert (told["texts"], told["who"]) == ({"en": "It is back."}, "tariro")
    other = attrs.evolve(said, texts={"en": "It is not."})
    with pytest.raises(Refusal, match="other words"):
        await desk.broadcasts.begin(other, BY)
    with pytest.raises(NotFound):
        await desk.broadcasts.send_some("nothing", 3)
    assert acts(owner) == [("tariro", "broadcast", "broadcast outage")]


async def test_dead_jobs_are_counted_and_tried_again(desk: Desk, owner: Clerk) -> None:
    """With who, why, and not a word of what was asked."""
    user = owner.person(1_000)
    first, second = (owner.ask(user, text="my secret") for _ in range(2))
    for asked in (first, second):
        die(owner, asked)
    waiting = owner.ask(user)

    told = await desk.jobs.list("dead", None, 10)
    assert [(one["state"], one["number"]) for one in told["counts"]] == [
        ("dead", 2),
        ("queued", 1),
    ]
    assert {one.id for one in told["jobs"]} == {first.job, second.job}
    await desk.jobs.retry(first.job, BY)
    await desk.jobs.drop(second.job, BY)
    with pytest.raises(Refusal, match="Nothing was changed"):
        await desk.jobs.retry(waiting.job, BY)
    story = await desk.jobs.shown(first.job)

    assert story["job"]["state"] == "queued"
    assert [(one["who"], one["act"]) for one in story["acts"]] == [("tariro", "retry")]
    assert "my secret" not in repr(story)
    with pytest.raises(NotFound):
        await desk.jobs.shown("00000000-0000-4000-8000-000000000000")
