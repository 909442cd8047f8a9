"""What WhatsApp does to what we send, and what comes of it: one message each."""

from __future__ import annotations

import pytest

from tests.system.harness import wait_until
from tests.system.phone import TOKEN, Exchange, Somebody, body
from tests.system.soundness import assert_sound

ROWS = """
    select o.state, o.attempts, o.error_code, o.category
      from whatsapp_outgoing o join whatsapp_contacts c on c.id = o.contact_id
     where c.bsuid = %s and o.message is not null order by o.place
"""


UNDER_WAY = "select 1 from whatsapp_outgoing where state in ('waiting', 'sending')"


@pytest.fixture(autouse=True)
def _calm(exchange: Exchange) -> None:
    """Nothing is on its way to others: it would meet the fault that a test orders."""
    wait_until(lambda: not exchange.house.query(UNDER_WAY), what="quiet")


def rows(exchange: Exchange, someone: Somebody) -> list[tuple[object, ...]]:
    """What was sent to them, oldest first."""
    return exchange.house.query(ROWS, someone.bsuid)


@pytest.mark.parametrize(
    ("fault", "attempts"),
    [
        ({"kind": "code", "code": 131056, "http": 400}, 2),
        ({"kind": "code", "code": 130429, "http": 429}, 2),
        ({"kind": "code", "code": 131000, "http": 500}, 2),
        ({"kind": "html-500"}, 2),
        ({"kind": "unavailable"}, 2),
        ({"kind": "slow", "seconds": 2}, 1),
        ({"kind": "drop"}, 1),
        ({"kind": "truncated"}, 1),
    ],
)
def test_a_fault_is_got_over(
    exchange: Exchange, someone: Somebody, fault: dict[str, object], attempts: int
) -> None:
    """What was refused for a while is sent again; what may have gone is not, for its
    status tells. Either way it comes once."""
    someone.ask("menu")
    exchange.phones.control("fault", **fault)

    balance = someone.ask("balance")

    assert "1,000,000" in balance
    wait_until(lambda: rows(exchange, someone)[-1][0] == "delivered")
    assert attempts == rows(exchange, someone)[-1][1]
    assert someone.hears_nothing(0.3)


def test_a_person_who_cannot_be_reached(exchange: Exchange) -> None:
    """What an answer cost that can never be delivered is given back."""
    gone = exchange.phones.somebody(reachable=False)
    gone.say("words:5 can you hear me?")

    refunds = (
        "select r.refunded = r.settled from reservations r"
        " join whatsapp_contacts c on c.user_id = r.user_id where c.bsuid = %s"
    )
    wait_until(lambda: exchange.house.query(refunds, gone.bsuid) == [(True,)])

    assert {"failed"} == {row[0] for row in rows(exchange, gone)}
    assert_sound(exchange.house)


def test_a_window_that_whatsapp_says_is_closed(
    exchange: Exchange, someone: Somebody
) -> None:
    """A refusal for the closed window keeps the message for their next one."""
    someone.ask("menu")
    exchange.phones.control("fault", kind="code", code=131047, http=400)
    someone.say("balance")
    wait_until(lambda: rows(exchange, someone)[-1][0] == "held")

    someone.say("help")
    texts = [body(someone.next()), body(someone.next())]

    assert "1,000,000" in texts[0]
    assert "How ZimGPT works" in texts[1]


def test_a_revoked_token_stops_the_number(
    exchange: Exchange, someone: Somebody
) -> None:
    """Sending stops, somebody is alarmed, nothing is dropped, and all of it goes out
    when a person has mended it."""
    someone.ask("menu")
    exchange.phones.control("tokens", tokens=["another"])
    someone.say("balance")
    stopped = "select 1 from whatsapp_numbers where stopped_at is not null"
    wait_until(lambda: exchange.house.query(stopped), what="the stop")
    wait_until(lambda: rows(exchange, someone)[-1][0] == "waiting")

    exchange.phones.control("tokens", tokens=[TOKEN])
    exchange.house.query("select resume_number(phone_id) from whatsapp_numbers")
    someone.say("help")
    texts = [body(someone.next()), body(someone.next())]

    assert "1,000,000" in texts[0]
    assert "How ZimGPT works" in texts[1]
    assert "WhatsApp error 190" in exchange.house[exchange.node].log()


def test_statuses_in_any_order(exchange: Exchange, someone: Somebody) -> None:
    """Statuses that come shuffled and doubled lead to the same end, and what WhatsApp
    charges is kept."""
    exchange.phones.control("habits", shuffle=1.0, duplicate=1.0, read_after=0.5)
    try:
        for word in ("menu", "balance", "help"):
            someone.ask(word)
        someone.seen = len(someone.bubbles())
        wait_until(
            lambda: {row[0] for row in rows(exchange, someone)} == {"read"},
            what="all read",
        )
    finally:
        exchange.phones.control("habits", shuffle=0.0, duplicate=0.0, read_after=None)
