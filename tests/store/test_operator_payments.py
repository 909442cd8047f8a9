"""What operators see of payments, and decide on them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812

from tests.servers.postgresql import PostgreSQL
from tests.store.clerk import Clerk
from zimgpt.domain.topups.events import Approved, Dismissed, Reinstated
from zimgpt.domain.topups.states import stage
from zimgpt.store import operator_payments as store
from zimgpt.store.operator_corrections import NotCorrected, correct
from zimgpt.store.operator_decisions import (
    Decided,
    GivenByHand,
    NotDecided,
    decide,
)
from zimgpt.store.operator_payments import NothingToAsk
from zimgpt.store.operator_reckoning import reconciled, today

ACTS = "select who, act, subject, reason from operator_acts order by id"
REVIEW = "update payments set reason = 'amount' where id = %s"
TOKENS = 10_000
ISSUED = """
    select coalesce(sum(e.amount), 0)::bigint from entries e
      join accounts a on a.id = e.account_id where a.kind = 'issued'
"""


@pytest.fixture
def desk(database: str, sound: None) -> Iterator[Connection]:
    """An operator's connection, stepped down as far as one can be."""
    connection = psycopg2.connect(database, options="-c role=zimgpt_app")
    yield connection
    connection.close()


def reviewed(clerk: Clerk, owner: Clerk, user: int) -> str:
    """A payment of which something else was paid than was agreed to."""
    payment = clerk.pay(user)
    assert clerk.decide(payment, 2, "review", matched=False, body=b"status=Paid") == 3
    owner.rows(REVIEW, payment)
    return payment


def disputed(clerk: Clerk, user: int) -> str:
    """A payment that was credited and then taken back."""
    payment = clerk.buy(user)
    clerk.decide(payment, 3, "disputed", clawback="clawback", word="Disputed")
    return payment


def said(desk: Connection, payment: str, decision: Decided) -> str:
    """The state after a decision, committed."""
    with desk:
        settled = decide(desk, payment, decision, who="ops", reason="seen in the list")
    return stage(settled.topup).value


def test_an_approval_credits_once(desk: Connection, clerk: Clerk, owner: Clerk) -> None:
    """What was agreed to, with who and why; a second one is refused and writes
    nothing."""
    user = clerk.person(0)
    payment = reviewed(clerk, owner, user)

    assert said(desk, payment, Approved) == "credited"
    with pytest.raises(NotDecided, match="this one is credited"):
        said(desk, payment, Approved)

    assert clerk.wallet(user) == (TOKENS, 0)
    note = ("ops", "approve_payment", f"payment {payment}", "seen in the list")
    assert owner.rows(ACTS) == [note]
    kept = "select status, note from payment_events where source = 'operator'"
    assert owner.rows(kept) == [("approved", "ops: seen in the list")]
    [key] = owner.row("select idem_key from transfers where kind = 'purchase'")
    assert key == f"manual:{payment}"


def test_two_approve_at_once(database: str, clerk: Clerk, owner: Clerk) -> None:
    """One of them credits, the other is told so."""
    user = clerk.person(0)
    payment = reviewed(clerk, owner, user)

    def approve(who: int) -> str:
        connection = psycopg2.connect(database, options="-c role=zimgpt_app")
        try:
            with connection:
                decide(connection, payment, Approved, who=f"ops{who}", reason="r")
        except NotDecided:
            return "refused"
        finally:
            connection.close()
        return "credited"

    with ThreadPoolExecutor(6) as many:
        outcomes = sorted(many.map(approve, range(6)))

    assert outcomes == ["credited", *["refused"] * 5]
    assert clerk.wallet(user) == (TOKENS, 0)
    assert len(owner.rows(ACTS)) == 1


def test_a_dispute_that_was_won(desk: Connection, clerk: Clerk) -> None:
    """The tokens come back, once."""
    user = clerk.person(0)
    payment = disputed(clerk, user)
    assert clerk.wallet(user) == (0, 0)

    assert said(desk, payment, Reinstated) == "credited"
    with pytest.raises(NotDecided):
        said(desk, payment, Reinstated)

    assert clerk.wallet(user) == (TOKENS, 0)


def test_a_dismissal_moves_no_tokens(
    desk: Connection, clerk: Clerk, owner: Clerk
) -> None:
    """And is for what was never credited."""
    user = clerk.person(0)
    payment = reviewed(clerk, owner, user)

    assert said(desk, payment, Dismissed) == "refunded"
    for decision in (Approved, Reinstated, Dismissed):
        with pytest.raises(NotDecided):
            said(desk, payment, decision)

    assert clerk.wallet(user) == (0, 0)
    with pytest.raises(NotDecided, match="never credited"):
        said(desk, disputed(clerk, user), Dismissed)


def corrected(desk: Connection, payment: str, tokens: int, key: str = "k") -> int:
    """The balance after a correction, committed."""
    with desk:
        return correct(desk, payment, tokens, key=key, who="ops", reason="r").available


def test_a_correction_is_made_once(
    desk: Connection, clerk: Clerk, owner: Clerk
) -> None:
    """For each key, on a payment that nothing else credits; then not by an approval."""
    user = clerk.person(0)
    payment = reviewed(clerk, owner, user)

    assert corrected(desk, payment, 9_000) == 9_000
    assert corrected(desk, payment, 9_000) == 9_000
    with pytest.raises(NotCorrected, match="used for another"):
        corrected(desk, payment, 8_000)
    with pytest.raises(NotCorrected, match="used for another"):
        corrected(desk, reviewed(clerk, owner, user), 9_000)
    with pytest.raises(GivenByHand):
        said(desk, payment, Approved)
    assert said(desk, payment, Dismissed) == "refunded"

    assert clerk.wallet(user) == (9_000, 0)
    [transfer] = store.shown(desk, payment).transfers
    assert (transfer["kind"], transfer["key"]) == ("adjust", "correct:k")
    kept = "select who, act, reason from operator_acts order by id limit 1"
    assert owner.rows(kept) == [("ops", "credit_payment", "r")]


def test_what_corrections_are_not_for(
    desk: Connection, clerk: Clerk, owner: Clerk
) -> None:
    """Nothing is given that comes by itself, or taken that is not there."""
    user = clerk.person(0)
    open, bought = clerk.pay(user), clerk.buy(user)
    for payment, tokens, sentence in (
        (open, 5, "may still be credited by itself"),
        (open, -5, "not in the wallet"),
        (bought, 5, "are credited"),
        (bought, -TOKENS - 1, "more than the payment brought"),
    ):
        with pytest.raises(NotCorrected, match=sentence):
            corrected(desk, payment, tokens)

    assert corrected(desk, bought, -4_000) == 6_000
    with pytest.raises(NotCorrected, match="earlier refunds left"):
        corrected(desk, bought, -6_001, "other")
    clerk.answered(user, hold=5_000, cost=5_000)
    with pytest.raises(NotCorrected, match="has only 1000 tokens"):
        corrected(desk, bought, -6_000, "other")
    assert clerk.wallet(user) == (1_000, 0)


@pytest.mark.parametrize("by_hand", [4_000, TOKENS])
def test_a_refund_by_hand_and_the_gateways_are_one(
    desk: Connection, clerk: Clerk, owner: Clerk, by_hand: int
) -> None:
    """What an operator took is not taken again when the gateway gives the money back:
    the wallet loses what the payment brought, and not a token more."""
    user = clerk.person(500)
    payment = clerk.buy(user)
    corrected(desk, payment, -by_hand)

    clerk.decide(payment, 3, "refunded", clawback="clawback", word="Refunded")

    assert clerk.wallet(user) == (500, 0)
    assert owner.value(ISSUED) == 0
    moved = [row["tokens"] for row in store.shown(desk, payment).transfers]
    assert moved == [n for n in (TOKENS, -by_hand, by_hand - TOKENS) if n]


def test_what_is_reinstated_is_what_was_clawed_back(
    desk: Connection, clerk: Clerk, owner: Clerk
) -> None:
    """After a dispute that was won, a refund by hand is as it was before it, and counts
    in what comes next."""
    user = clerk.person(0)
    payment = clerk.buy(user)
    corrected(desk, payment, -4_000)
    clerk.decide(payment, 3, "disputed", clawback="clawback", word="Disputed")
    taken = clerk.wallet(user)
    said(desk, payment, Reinstated)
    given = clerk.wallet(user)
    with pytest.raises(NotCorrected, match="earlier refunds left"):
        corrected(desk, payment, -6_001, "other")
    assert corrected(desk, payment, -1_000, "more") == 5_000

    clerk.decide(payment, 5, "refunded", clawback="reclaim", word="Refunded")

    assert (taken, given, clerk.wallet(user)) == ((0, 0), (6_000, 0), (0, 0))
    assert owner.value(ISSUED) == 0


def test_one_word_at_once(database: str, clerk: Clerk, owner: Clerk) -> None:
    """Eight who say the same under one key give it once."""
    user = clerk.person(0)
    payment = reviewed(clerk, owner, user)

    def credit(_number: int) -> bool:
        connection = psycopg2.connect(database, options="-c role=zimgpt_app")
        try:
            with connection:
                return correct(
                    connection, payment, 700, key="k", who="ops", reason="r"
                ).new
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as many:
        outcomes = list(many.map(credit, range(8)))

    assert sum(outcomes) == 1
    assert clerk.wallet(user) == (700, 0)


def test_days_add_up(desk: Connection, clerk: Clerk, owner: Clerk) -> None:
    """Paid, credited, taken back and given back; the difference is nothing."""
    user = clerk.person(0)
    clerk.buy(user)
    clerk.pay(user)
    said(desk, disputed(clerk, user), Reinstated)
    said(desk, reviewed(clerk, owner, user), Approved)
    reviewed(clerk, owner, user)

    day = today(desk)
    [row] = reconciled(desk, day, day)

    assert dict(row) == {
        "day": day,
        "currency": "USD",
        "payments": 3,
        "paid": 150,
        "credited": 150,
        "clawed_back": 50,
        "reinstated": 50,
        "difference": 0,
    }


def test_what_does_not_add_up_shows(
    postgres: PostgreSQL,
) -> None:
    """Paid and not credited is a difference; so is a credit that the ledger lacks."""
    with postgres.database() as broken, Clerk(broken, superuser=True) as owner:
        user = owner.person(0)
        unpaid, bought = owner.pay(user), owner.buy(user)
        owner.decide(unpaid, 2, "pending", word="Paid", matched=True)
        desk = psycopg2.connect(broken)
        day = today(desk)
        [row] = reconciled(desk, day, day)
        assert (row["paid"], row["credited"], row["difference"]) == (100, 50, 50)
        owner.rows("update payments set tokens = 9999 where id = %s", bought)
        [row] = reconciled(desk, day, day)
        assert (row["credited"], row["difference"]) == (0, 100)
        desk.close()


def test_the_queue(desk: Connection, clerk: Clerk, owner: Clerk) -> None:
    """What needs a person, and nothing that settles by itself."""
    user = clerk.person(0)
    wanted = [reviewed(clerk, owner, user), disputed(clerk, user)]
    clerk.buy(user)
    clerk.pay(user)
    unknown, young = clerk.pay(user), clerk.pay(user)
    owner.rows(
        "update payments set state = 'unknown', poll_url = null where id in (%s, %s)",
        *(unknown, young),
    )
    owner.rows(
        "update payments set created_at = now() - interval '61 min' where id = %s",
        unknown,
    )

    assert [row["id"] for row in store.queue(desk)] == [unknown, *wanted]


def test_the_evidence(database: str, clerk: Clerk, owner: Clerk) -> None:
    """Row, events with their bodies, transfers and acts; no address to ask at."""
    user = clerk.person(0)
    payment = clerk.pay(user)
    body = b"status=Paid&PollUrl=https%3a%2f%2fgateway%2fpoll&hash=AB"
    clerk.decide(payment, 2, "credited", credit="purchase", body=body)
    with psycopg2.connect(database) as desk:
        store.check(desk, payment, who="ops", reason="asked")
        assert store.found(desk, payment.upper()) == payment
        assert store.found(desk, f"ZG-{payment[:8]}") == payment
        story = store.shown(desk, payment)
    desk.close()

    assert (story.payment["state"], story.payment["can_be_polled"]) == (
        "credited",
        True,
    )
    assert story.polls["polls"] == 2
    assert [event["status"] for event in story.events] == ["Created", "Paid"]
    assert story.events[1]["body"] == "status=Paid&PollUrl=…&hash=AB"
    [transfer] = story.transfers
    assert (transfer["key"], transfer["tokens"]) == (f"purchase:{payment}", TOKENS)
    assert [act["act"] for act in story.acts] == ["check_payment"]
    assert "https" not in str(story)


def test_a_check_is_due_at_once(desk: Connection, clerk: Clerk, owner: Clerk) -> None:
    """The node that looks next asks; of what is over nobody is asked."""
    user = clerk.person(0)
    payment = clerk.pay(user)
    due = "select id::text from due_payments(9, '20 s')"
    assert clerk.rows(due) == []

    with desk:
        store.check(desk, payment, who="ops", reason="")

    assert clerk.rows(due) == [(payment,)]
    gone = clerk.buy(user)
    clerk.decide(gone, 3, "refunded", clawback="clawback", word="Refunded")
    with pytest.raises(NothingToAsk):
        store.check(desk, gone, who="ops", reason="")
