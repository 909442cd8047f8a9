"""A voucher typed on WhatsApp, while its owner looks at the web on another node."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.system.harness import House, Plan
from tests.system.people import Person
from tests.system.phone import body, joined, new_wamid, post
from tests.system.soundness import assert_sound
from zimgpt.domain import vouchers
from zimgpt.domain.texts import Language, say

MAKE = "select make_vouchers(%s, 10000, %s, %s, 'tests', 'for the shop')"
TRIES = """
    insert into voucher_tries (user_id)
      select user_id from whatsapp_contacts, generate_series(1, 7) where bsuid = %s
"""
AGES = "update voucher_batches set expires_at = now() where batch = 'old'"


def test_a_voucher_in_a_chat(postgres: PostgreSQL, rabbitmq: RabbitMQ) -> None:
    """Ten copies of its message at two nodes give its tokens once; whoever is open on
    the web, at any node, sees the balance at once; and each code that is not good is
    told apart, until there were too many."""
    good, late = (vouchers.made(bytes([number] * 16)) for number in (1, 2))
    nodes = [Plan("east"), Plan("west")]
    with (
        postgres.database() as url,
        joined(
            lambda more: House(url, nodes=nodes, broker=rabbitmq.vhost(), **more),
            "east",
        ) as exchange,
    ):
        house, phones = exchange.house, exchange.phones
        phones.control("habits", limits=False)
        for batch, code in (("shop", good), ("old", late)):
            digest = vouchers.digest(vouchers.read(code))
            house.query(MAKE, batch, [digest], timedelta(days=9))
        house.query(AGES)
        person = Person.sign_up(house["west"].url)
        before, _ = person.balance()
        talk = person.connect()
        owner, other = phones.somebody("+263" + person.phone[1:]), phones.somebody()
        owner.ask("hi")
        owner.next()  # that the number has an account on the web
        exchange.asks(other, "hi", "shona")

        update = owner.message(f" {good.lower()} ", new_wamid())
        places = [house["east"].url, house["west"].url] * 5
        with ThreadPoolExecutor(10) as pool:
            replies = list(pool.map(lambda place: post(place, [update]), places))
        told = talk.until(lambda message: message.get("type") == "balance")
        receipt = body(owner.next())
        again = owner.ask(good)

        assert {reply.status for reply in replies} == {200}
        assert told["available"] == before + 10_000
        assert say(Language.ENGLISH, "voucher.done", tokens=10_000) in receipt
        assert f"{before + 10_000:,}" in receipt
        assert f"{before + 10_000:,}" in again
        exchange.rest(owner)
        assert "Voucher: +10,000" in owner.ask("statement")
        used = say(Language.SHONA, "refused.voucher_used")
        expired = say(Language.SHONA, "refused.voucher_expired")
        assert other.ask(good) == used
        assert other.ask(late) == expired
        unknown = say(Language.SHONA, "refused.voucher_unknown")
        assert other.ask(vouchers.made(bytes(16))) == unknown
        house.query(TRIES, other.bsuid)
        exchange.rest(other)
        assert other.ask(good) == say(Language.SHONA, "refused.too_many_vouchers")
        assert person.balance() == (before + 10_000, 0)
        assert_sound(house)
