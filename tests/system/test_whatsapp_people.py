"""Who people on WhatsApp are, and whose wallet they use."""

from __future__ import annotations

import attrs

from tests.system.harness import wait_until
from tests.system.people import PASSWORD, Person, call
from tests.system.phone import Exchange, Somebody, body, new_wamid, post
from tests.system.soundness import assert_sound

CONTACT = """
    select c.user_id, c.phone, c.bsuid, a.balance
      from whatsapp_contacts c
      join accounts a on a.user_id = c.user_id and a.kind = 'available'
     where c.bsuid = %s
"""


def row(exchange: Exchange, somebody: Somebody) -> tuple[int, str, str, int]:
    """Account, number, id and balance."""
    [(user, phone, bsuid, balance)] = exchange.house.query(CONTACT, somebody.bsuid)
    return user, phone, bsuid, balance


def test_the_first_message_makes_an_account(
    exchange: Exchange, someone: Somebody
) -> None:
    """Who writes for the first time has an account with its welcome tokens, and reads
    the sentence about consent and privacy once."""
    first = someone.ask("hi")
    second = someone.ask("menu")

    assert "Welcome to *ZimGPT*" in first
    assert "FORGET deletes your chats" in first
    assert "Welcome" not in second
    _, phone, _, balance = row(exchange, someone)
    assert (someone.phone, 1_000_000) == (phone, balance)
    assert_sound(exchange.house)


def test_a_number_of_the_web_is_the_same_account(exchange: Exchange) -> None:
    """A number that is registered on the web uses the same wallet, its person is told
    so once, and LOCK shuts out whoever registered it."""
    web = Person.sign_up(exchange.url)
    someone = exchange.phones.somebody("+263" + web.phone[1:])

    someone.say("balance")
    welcome, balance, warning = (body(someone.next()) for _ in range(3))
    again = someone.ask("balance")

    assert "Welcome" in welcome
    assert "1,000,000" in balance
    assert "account on our website" in warning
    assert "website" not in again
    assert web.call("GET", "/api/v1/me").status == 200

    locked = someone.ask("lock")

    assert "password no longer works" in locked
    assert web.call("GET", "/api/v1/me").status == 401
    sign_in = {"phone": web.phone, "password": PASSWORD, "token": True}
    assert call(exchange.url, "POST", "/api/v1/sessions", sign_in).status == 401
    assert row(exchange, someone)[3] == 1_000_000


def test_a_person_without_a_number(exchange: Exchange) -> None:
    """Who shows no number has an account by their id alone, and is answered."""
    someone = exchange.phones.somebody(hidden=True)

    first = someone.ask("hi")
    someone.say("words:5 who am I?")
    answer = body(someone.next())

    assert "Welcome" in first
    assert answer.startswith("w0 w1 w2 w3 w4\n")
    assert row(exchange, someone)[1] is None


def test_a_number_change_moves_no_wallet(exchange: Exchange, someone: Somebody) -> None:
    """Whoever comes with another number is somebody new, though WhatsApp says that they
    are not; and whoever has the old number now has not the old wallet."""
    someone.ask("hi")
    before = row(exchange, someone)
    changed = someone.phone[:-7] + "9" + someone.phone[-6:]

    exchange.phones.post(f"/phones/{someone.id}/move", {"phone": changed[1:]})
    moved = after_the_move(someone)
    moved.ask("hi")
    heir = exchange.phones.somebody(someone.phone)
    heir.ask("hi")

    accounts = {
        row(exchange, someone)[0],
        row(exchange, moved)[0],
        row(exchange, heir)[0],
    }
    assert len(accounts) == 3
    assert (before[0], 1_000_000) == (row(exchange, someone)[0], before[3])
    assert row(exchange, heir)[1] == someone.phone
    assert row(exchange, someone)[1] is None
    assert row(exchange, heir)[3] == 0


def after_the_move(someone: Somebody) -> Somebody:
    """The same person, as the phones know them now."""
    person = someone.chat()["person"]
    return attrs.evolve(someone, phone="+" + person["phone"], bsuid=person["bsuid"])


def test_a_group_is_not_answered(exchange: Exchange, someone: Somebody) -> None:
    """What is said in a group is nobody's question, nor is what another number got."""
    someone.ask("hi")
    update = someone.message("words:5 hello", new_wamid())
    group = attrs.evolve(update, thing={**update.thing, "group_id": "12036304"})

    assert post(exchange.url, [group]).status == 200
    wait_until(lambda: kept(exchange, str(update.thing["id"])) == [("ignored",)])
    assert someone.hears_nothing(0.5)


def kept(exchange: Exchange, wamid: str) -> list[tuple[object, ...]]:
    """What became of an arrival."""
    sql = "select outcome from inbox where dedup_key = %s"
    return exchange.house.query(sql, f"m:{wamid}")
