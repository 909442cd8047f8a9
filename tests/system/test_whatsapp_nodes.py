"""WhatsApp on several nodes: everything once, whoever is brought it, whoever dies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.system.harness import House, Plan, wait_until
from tests.system.phone import Somebody, body, joined, new_wamid, post
from tests.system.soundness import assert_sound

CHARGES = """
    select r.settled from reservations r
      join whatsapp_contacts c on c.user_id = r.user_id
     where c.bsuid = %s and r.state = 'settled'
"""


@pytest.mark.parametrize("copies", [10])
def test_copies_and_a_death(
    postgres: PostgreSQL, rabbitmq: RabbitMQ, copies: int
) -> None:
    """Ten copies of a message at once on two nodes are one question, one answer and one
    charge; and so is a question whose node is killed while it is heard."""
    nodes = [Plan("east"), Plan("west")]
    with (
        postgres.database() as url,
        joined(
            lambda more: House(
                url,
                nodes=nodes,
                broker=rabbitmq.vhost(),
                lease_seconds=5,
                model_label="a demo",
                **more,
            ),
            "east",
        ) as exchange,
    ):
        house, phones = exchange.house, exchange.phones
        phones.control("habits", limits=False)
        someone: Somebody = phones.somebody()
        someone.ask("menu")
        update = someone.message("words:5 once?", new_wamid())
        places = [house["east"].url, house["west"].url] * (copies // 2)

        with ThreadPoolExecutor(copies) as pool:
            replies = list(pool.map(lambda place: post(place, [update]), places))

        assert [200] * copies == [reply.status for reply in replies]
        answer = body(someone.next())
        assert answer.startswith("w0 w1 w2 w3 w4\n\n_[a demo]_\n_Cost: ")
        assert someone.hears_nothing(1)
        assert len(house.upstream.asked("words:5 once?")) == 1
        assert len(house.query(CHARGES, someone.bsuid)) == 1

        someone.say("words:6 and now?")
        wait_until(
            lambda: house.query("select 1 from inbox where outcome is null"),
            what="the question to arrive",
        )
        house["west"].kill()
        house["east"].kill()
        house["east"].begin()
        house["east"].ready()

        assert body(someone.next()).startswith("w0 w1 w2 w3 w4 w5\n")
        assert someone.hears_nothing(1)
        assert len(house.query(CHARGES, someone.bsuid)) == 2
        assert_sound(house)
