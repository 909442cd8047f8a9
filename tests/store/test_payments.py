"""What PostgreSQL itself keeps to, whoever calls its functions for payments."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from psycopg2.errors import CheckViolation

from tests.store.clerk import OPEN, Clerk

LEASE = timedelta(seconds=20)
HEAR = "select hear_callback(%s, 'USD', %s, 'Paid', 50, %s, %s)"


@pytest.mark.parametrize(
    ("said", "instead"),
    [("50,\n", "49,\n"), ("10000", "10001"), ("'taste', 1", "'taste', 2")],
)
def test_only_what_is_sold_can_be_bought(clerk: Clerk, said: str, instead: str) -> None:
    """A slip in the program cannot sell cheaper, more, or what there is not."""
    user, id = clerk.person(0), str(uuid4())
    params = {"id": id, "user": user, "payer": user, "key": "k", "reference": "r"}
    assert said in OPEN

    with pytest.raises(CheckViolation, match="not what is sold"):
        clerk.rows(OPEN.replace(said, instead), **params, most=5)


def test_a_credit_needs_its_state(clerk: Clerk) -> None:
    """Tokens without the state, or the state without tokens, is no commit."""
    payment = clerk.pay(clerk.person(0))

    with pytest.raises(CheckViolation):
        clerk.decide(payment, 2, "pending", credit="purchase")
    with pytest.raises(CheckViolation):
        clerk.decide(payment, 2, "credited")
    with pytest.raises(CheckViolation):
        clerk.decide(payment, 2, "refunded", clawback="clawback")


def test_a_wallet_below_zero_buys_nothing(clerk: Clerk, owner: Clerk) -> None:
    """What was spent and then taken back is owed: nothing can be asked until it is
    repaid, and the next tokens repay first. Nothing but a clawback gets there."""
    user = clerk.person(0)
    payment = clerk.buy(user)
    clerk.answered(user, hold=9_000, cost=9_000)
    clerk.decide(payment, 3, "refunded", clawback="clawback", word="Refunded")
    assert clerk.wallet(user) == (-9_000, 0)

    assert clerk.ask(user, hold=1).outcome == "insufficient"
    clerk.buy(user)
    assert clerk.wallet(user) == (1_000, 0)
    spend = "select post_transfer('adjust', 'k', array[account_of(%s, 'available'),"
    with pytest.raises(CheckViolation, match="more than there is"):
        owner.rows(spend + " account_of(null, 'adjust')], array[-1001, 1001])", user)


def test_bodies_are_kept_once_and_then_forgotten(clerk: Clerk, owner: Clerk) -> None:
    """However often the same comes; what they said stays."""
    payment = clerk.pay(clerk.person(0))
    for _ in range(3):
        clerk.rows(HEAR, payment, True, b"status=Paid", LEASE)
    clerk.decide(payment, 2, "credited", credit="purchase", body=b"status=Paid")

    [(seen, body)] = clerk.rows("select seen_count, body from inbox")
    assert (seen, bytes(body)) == (4, b"status=Paid")
    owner.rows("update inbox set received_at = now() - interval '31 days'")
    assert clerk.value("select blank_arrivals('30 days', 10)") == 1
    words = clerk.rows("select source, status from payment_events where inbox_id > 0")
    assert words == [("callback", "Paid")] * 3 + [("poll", "Paid")]


def test_strangers_fill_no_table(clerk: Clerk) -> None:
    """Of what anybody can post, fifty of each kind are kept for a payment."""
    payment = clerk.pay(clerk.person(0))

    for number in range(60):
        body = f"status=Paid&n={number}".encode()
        assert clerk.value(HEAR, payment, False, body, LEASE) == "later"

    counted = "select count(*) from payment_events where source = 'callback'"
    assert clerk.value(counted) == 50
    assert clerk.value("select count(*) from inbox where outcome = 'rejected'") == 50
    assert clerk.value(HEAR, str(uuid4()), True, b"x", LEASE) == "unknown"


def test_news_during_a_question_are_asked_about_again(clerk: Clerk) -> None:
    """The answer that is on its way may be older than they are."""
    payment = clerk.pay(clerk.person(0))
    assert clerk.value(HEAR, payment, True, b"a", LEASE) == "ask"
    assert clerk.value(HEAR, payment, True, b"b", LEASE) == "later"

    clerk.decide(payment, 2, "pending", word="Sent", matched=False)

    soon = "select next_poll_at < clock_timestamp() + interval '3 s' from payments"
    assert clerk.value(soon)


def test_nodes_share_what_is_due(clerk: Clerk, owner: Clerk) -> None:
    """No payment is given to two, and a node that died gives its own back."""
    payments = {clerk.pay(clerk.person(0)) for _ in range(6)}
    owner.rows("update payments set next_poll_at = now() - interval '1 s'")
    due = "select id::text from due_payments(4, %s)"

    first = {id for (id,) in clerk.rows(due, LEASE)}
    second = {id for (id,) in owner.rows(due, LEASE)}

    assert (len(first), len(second)) == (4, 2)
    assert first | second == payments
    owner.rows("update payments set next_poll_at = next_poll_at - interval '20 s'")
    assert len(clerk.rows(due, LEASE)) == 4
