"""What operators see and do from their pages, in PostgreSQL: as at the command line."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest
from twisted.internet import reactor

from tests.store.clerk import Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import NotFound, Refusal
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups.events import Approved, Dismissed, Reinstated
from zimgpt.flows.ports.back_office import By, PaymentDesk, People, Record, Wanted
from zimgpt.store.admin_payments import DeskPayments
from zimgpt.store.admin_people import DeskPeople
from zimgpt.store.admin_record import DeskRecord
from zimgpt.store.deskwork import Deskwork, threads

BY = By("tariro", "she rang us")
NOBODY = UserId(99)


@attrs.frozen
class Desk:
    """The three rooms."""

    people: People
    payments: PaymentDesk
    record: Record


@pytest.fixture
def desk(database: str) -> Iterator[Desk]:
    """At a new database."""
    pool = threads()
    pool.start()
    work = Deskwork(reactor, pool, database)  # type: ignore[arg-type]
    yield Desk(DeskPeople(work), DeskPayments(work), DeskRecord(work))
    pool.stop()


def acts(owner: Clerk) -> list[tuple[str, ...]]:
    """What was noted."""
    return owner.rows("select who, act, subject from operator_acts order by id")


async def test_people_are_found_and_shown(desk: Desk, owner: Clerk) -> None:
    """Without their whole numbers, and page by page."""
    user = UserId(owner.person(5_000))
    for _ in range(3):
        owner.buy(user)
    phone = owner.value("select phone_e164 from users where id = %s", user)

    [found] = await desk.people.search(phone[-6:], None, 50)
    story = await desk.people.shown(user)

    assert (found["id"], found["phone"]) == (user, f"…{phone[-3:]}")
    assert (story["person"]["available"], len(story["payments"])) == (35_000, 3)
    assert phone not in repr((found, story["person"]))
    first = await desk.people.moves(user, None, 3)
    second = await desk.people.moves(user, first[-1]["version"], 3)
    assert [move["balance"] for move in (*first, *second)] == [
        *(35_000, 25_000, 15_000, 5_000)
    ]
    assert await desk.people.number(user, BY) == Phone(phone)
    assert acts(owner) == [("tariro", "see_number", f"user {user}")]
    with pytest.raises(NotFound):
        await desk.people.shown(NOBODY)


async def test_people_are_found_page_by_page(desk: Desk, owner: Clerk) -> None:
    """The newest first, each once, though somebody new comes meanwhile."""
    users = [UserId(owner.person(0)) for _ in range(5)]

    first = await desk.people.search("", None, 3)
    owner.person(0)
    second = await desk.people.search("", first[-1]["id"], 3)

    assert [row["id"] for row in (*first, *second)] == [*reversed(users)]


async def test_tokens_are_given_once(desk: Desk, owner: Clerk) -> None:
    """However often a form is sent."""
    user = UserId(owner.person(0))

    first = await desk.people.grant(user, Tokens(700), "a key of it", BY)
    again = await desk.people.grant(user, Tokens(700), "a key of it", BY)

    assert (first["new"], again["new"]) == (True, False)
    assert owner.wallet(user) == (700, 0)
    assert acts(owner) == [("tariro", "grant", f"user {user}")]
    with pytest.raises(NotFound):
        await desk.people.grant(NOBODY, Tokens(1), "another key", BY)
    owner.rows("select close_account(%s)", user)
    with pytest.raises(NotFound):
        await desk.people.grant(user, Tokens(1), "one more key", BY)


async def test_bans(desk: Desk, owner: Clerk) -> None:
    """Each says whether anything changed."""
    user = UserId(owner.person(0))

    done = [
        await desk.people.ban(user, BY),
        await desk.people.ban(user, BY),
        await desk.people.unban(user, BY),
        await desk.people.unban(user, BY),
    ]

    assert done == [True, False, True, False]
    assert [act for _, act, _ in acts(owner)] == ["ban", "unban"]


async def test_payments_are_listed(desk: Desk, owner: Clerk) -> None:
    """By state, by number, and from where a page ended."""
    user = owner.person(0)
    bought = [owner.buy(user) for _ in range(3)]
    waits = owner.pay(user)

    async def ids(limit: int = 50, **wanted: str) -> list[str]:
        rows = await desk.payments.listed(Wanted(**wanted), limit)  # type: ignore[arg-type]
        assert all(row["phone_e164"] == "…567" for row in rows)
        return [row["id"] for row in rows]

    assert await ids(2) == [waits, bought[2]]
    assert await ids(2, before=bought[2]) == [bought[1], bought[0]]
    assert await ids(state="credited", currency="USD") == bought[::-1]
    assert await ids(phone="+263771234567") == [waits, *bought[::-1]]
    assert await ids(phone="+263779999999") == []
    assert await desk.payments.queue() == []


async def test_a_payment_in_review(desk: Desk, owner: Clerk) -> None:
    """Shown whole but for the gateway's addresses, checked, and decided once."""
    user = owner.person(0)
    payment = owner.pay(user)
    owner.decide(payment, 2, "review", matched=False, body=b"pollurl=https://secret")
    owner.rows("update payments set reason = 'amount'")
    reference = f"ZG-{payment[:8]}"
    assert [row["id"] for row in await desk.payments.queue()] == [payment]

    story = await desk.payments.shown(reference)
    assert story["payment"]["id"] == payment
    assert "secret" not in repr(story)
    await desk.payments.check(reference, BY)
    with pytest.raises(Refusal, match="this one is review"):
        await desk.payments.decide(reference, Reinstated, BY)
    assert await desk.payments.decide(reference, Approved, BY) == "credited"
    with pytest.raises(Refusal, match="this one is credited"):
        await desk.payments.decide(payment, Dismissed, BY)

    assert owner.wallet(user) == (10_000, 0)
    assert [act for _, act, _ in acts(owner)] == ["check_payment", "approve_payment"]
    with pytest.raises(NotFound):
        await desk.payments.shown("ZG-NOTHING")


async def test_tokens_by_hand(desk: Desk, owner: Clerk) -> None:
    """Taken once for a key, and no more than there are."""
    user = owner.person(0)
    payment = owner.buy(user)

    first = await desk.payments.correct(payment, -400, "a key of it", BY)
    again = await desk.payments.correct(payment, -400, "a key of it", BY)

    assert (first["new"], again["new"], again["available"]) == (True, False, 9_600)
    with pytest.raises(Refusal, match="more than the payment brought"):
        await desk.payments.correct(payment, -10_000, "another key", BY)


async def test_the_record(desk: Desk, owner: Clerk) -> None:
    """The latest first, page by page."""
    users = [UserId(owner.person(0)) for _ in range(3)]
    for user in users:
        await desk.people.ban(user, BY)

    first = await desk.record.acts(None, 2)
    second = await desk.record.acts(first[-1]["id"], 2)

    assert [row["subject"] for row in (*first, *second)] == [
        f"user {user}" for user in reversed(users)
    ]
    assert first[0]["reason"] == BY.reason
