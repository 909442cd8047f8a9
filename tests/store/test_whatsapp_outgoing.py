"""What we send: noted before it is tried; news go forward, and money may go back."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from tests.store.clerk import Clerk
from tests.store.postbox import Postbox, new_wamid, receive, status

CHARGED = {"category": "service", "billable": True, "pricing": "regular"}


@pytest.mark.parametrize(
    "order", list(itertools.permutations(("sent", "delivered", "read")))
)
def test_news_moves_forward_only(clerk: Clerk, order: tuple[str, ...]) -> None:
    """In whatever order it comes, and repeated, the furthest counts."""
    tendai = Postbox.of(clerk)
    id, wamid = tendai.outgoing(), new_wamid()
    clerk.value("select begin_send(%s)", id)

    for word in (*order, *order):
        receive(clerk, status(wamid, word, id))

    assert ("read", wamid) == tendai.row(id)


def test_a_failure_is_the_end_unless_it_arrived(clerk: Clerk) -> None:
    """What failed stays so, and what arrived stays arrived."""
    tendai = Postbox.of(clerk)
    failed, arrived = tendai.outgoing(), tendai.outgoing()
    one, two = new_wamid(), new_wamid()

    receive(clerk, status(one, "failed", failed, **{"class": "final"}))
    receive(clerk, status(one, "sent", failed))
    receive(clerk, status(two, "delivered", arrived))
    receive(clerk, status(two, "failed", arrived, **{"class": "final"}))

    assert tendai.row(failed)[0] == "failed"
    assert tendai.row(arrived)[0] == "delivered"


def test_late_news_of_a_lost_try(clerk: Clerk) -> None:
    """News of a try that failed, coming after the failure, does not hide that it must
    be sent again."""
    tendai = Postbox.of(clerk)
    id, first = tendai.outgoing(), new_wamid()
    clerk.value("select begin_send(%s)", id)

    receive(clerk, status(first, "failed", id, **{"class": "again", "wait": 1.0}))
    receive(clerk, status(first, "sent", id))

    assert tendai.row(id) == ("waiting", None)


def test_failures_do_not_go_on_for_ever(clerk: Clerk, owner: Clerk) -> None:
    """What is accepted and fails again and again ends, and is given back."""
    tendai = Postbox.of(clerk)
    user, _, part = tendai.carried()
    tries = 0
    while tendai.row(part)[0] != "failed":
        tries += 1
        assert tries < 20
        owner.rows("update whatsapp_outgoing set due_at = clock_timestamp()")
        assert clerk.value("select begin_send(%s)", part)
        news = status(new_wamid(), "failed", part, **{"class": "again", "wait": 1.0})
        receive(clerk, news)

    assert tries == 8
    assert clerk.wallet(user) == (1000, 0)


def test_a_refund_is_made_once(clerk: Clerk) -> None:
    """An answer that fails in two ways, and in two parts, is given back once."""
    tendai = Postbox.of(clerk)
    user, asked, first = tendai.carried(cost=40)
    second = tendai.part(asked.answer)

    fail = "select fail_send(%s, 131026, 'nobody', 'final', interval '0')"
    assert clerk.value(fail, first) == 40
    assert clerk.value(fail, first) == 0
    receive(clerk, status(new_wamid(), "failed", second, **{"class": "final"}))

    assert clerk.wallet(user) == (1000, 0)
    assert clerk.value("select count(*) from transfers where kind = 'refund'") == 1


def test_nothing_is_given_back_for_what_is_kept(clerk: Clerk) -> None:
    """What waits, and what its own reader deleted, is paid for."""
    tendai = Postbox.of(clerk)
    user, _, part = tendai.carried(cost=40)
    fail = "select fail_send(%s, null, 'why', %s, interval '0')"

    for fate in ("again", "window", "gone"):
        assert clerk.value(fail, part, fate) == 0

    assert tendai.row(part)[0] == "failed"
    assert clerk.wallet(user) == (960, 0)


def test_a_closed_window_opens_with_a_message(clerk: Clerk) -> None:
    """What was held goes out when the person writes again."""
    tendai = Postbox.of(clerk)
    id = tendai.outgoing()
    lane = tendai.claim("wa_send")
    assert lane is not None
    receive(clerk, status(new_wamid(), "failed", id, **{"class": "window"}))
    assert tendai.row(id) == ("held", None)
    while tendai.finish(lane.job):
        pass

    tendai.write()

    assert tendai.row(id) == ("waiting", None)
    assert tendai.lane("wa_send") == ("queued", False)


def test_a_send_is_noted_before_it_is_tried(clerk: Clerk, owner: Clerk) -> None:
    """Nobody begins it again before there was time for its news."""
    tendai = Postbox.of(clerk)
    id = tendai.outgoing()
    begin = "select begin_send(%s)"

    assert clerk.value(begin, id)
    assert not clerk.value(begin, id)

    owner.rows("update whatsapp_outgoing set due_at = clock_timestamp()")
    assert clerk.value(begin, id)
    receive(clerk, status(new_wamid(), "sent", id))
    owner.rows("update whatsapp_outgoing set due_at = clock_timestamp()")
    assert not clerk.value(begin, id)


def test_prices_are_kept(clerk: Clerk) -> None:
    """What WhatsApp charges is noted once a message, and counted by day."""
    tendai = Postbox.of(clerk)
    id, wamid = tendai.outgoing(), new_wamid()
    receive(clerk, status(wamid, "sent", id, **CHARGED))
    receive(clerk, status(wamid, "delivered", id, **CHARGED))

    row = "select category, billable, pricing from whatsapp_outgoing where id = %s"
    assert clerk.row(row, id) == ("service", True, "regular")
    seen = "select category, billable, messages from whatsapp_prices_seen"
    assert clerk.rows(seen) == [("service", True, 1)]


def test_an_answer_is_put_into_parts_once(clerk: Clerk) -> None:
    """Its row becomes its messages, in order; a second time finds nothing to do."""
    tendai = Postbox.of(clerk)
    tendai.write()
    user, _, _ = tendai.account()
    asked = clerk.answered(user)
    tendai.part(asked.answer)

    states = "select state, message is null from whatsapp_outgoing order by place"
    assert clerk.rows(states) == [("replaced", True), ("waiting", False)]
    whole = clerk.value("select id from whatsapp_outgoing where message is null")
    assert not clerk.value("select put_into_parts(%s, '[]')", whole)


def test_a_number_that_was_stopped(clerk: Clerk) -> None:
    """A pause ends by itself and never shortens a longer one; a stop ends by a
    person."""
    pause = "select pause_number('1', %s, 'why')"
    clerk.rows(pause, timedelta(minutes=5))
    clerk.rows(pause, timedelta(seconds=1))
    look = (
        "select stopped_at is not null,"
        " paused_until > clock_timestamp() + interval '4 min' from whatsapp_numbers"
    )
    assert clerk.row(look) == (False, True)

    clerk.rows(pause, None)
    assert clerk.row(look) == (True, True)

    assert clerk.value("select resume_number('1')")
    assert not clerk.value("select resume_number('1')")
    assert clerk.rows(look) == []


def test_a_person_who_is_too_fast(clerk: Clerk) -> None:
    """A pause of one person is theirs alone, and over with the next message that
    goes."""
    tendai = Postbox.of(clerk)
    tendai.write()
    pause = "select pause_contact(%s, %s)"
    look = "select paused_until > clock_timestamp(), pauses from whatsapp_contacts"

    clerk.rows(pause, tendai.contact, timedelta(seconds=4))
    assert clerk.row(look) == (True, 1)
    clerk.rows(pause, tendai.contact, None)
    assert clerk.row(look) == (None, 0)
