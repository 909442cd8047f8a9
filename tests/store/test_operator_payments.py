"""What operators see of payments, and decide on them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812

from tests.store.clerk import Clerk
from zimgpt.domain.topups.events import Approved, Dismissed, Reinstated
from zimgpt.domain.topups.states import stage
from zimgpt.store import operator_payments as store
from zimgpt.store.operator_decisions import Decided, NotDecided, decide
from zimgpt.store.operator_payments import NothingToAsk

ACTS = "select who, act, subject, reason from operator_acts order by id"
REVIEW = "update payments set reason = 'amount' where id = %s"
TOKENS = 10_000


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
