"""D-WA: a node that hears people on WhatsApp is killed at uniformly random moments.

Two nodes share the work, with RabbitMQ between them. WhatsApp posts to either, again
and again until it is told 200, and often twice; what we send goes to its double, whose
news come to the left node, which may be dead just then.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.drills import remembering
from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.kill import OFTEN
from tests.drills.mutants import command
from tests.drills.texting import Texter, in_doubt, lost_or_doubled, texters
from tests.system.harness import House, Plan, wait_until
from tests.system.phone import Exchange, joined
from zimgpt.embedded.server import COMMAND
from zimgpt.store import invariants

PEOPLE = 24
MANY = 20  # kills; fewer are done in a hurry
LEASE = 1.5
REST = 120.0  # seconds after which nothing may be under way any more
UNDER_WAY = """
    select 1 from whatsapp_outgoing where state in ('waiting', 'sending', 'unknown')
"""


def kill_one_of_two(servers: Servers, order: Order) -> Result:
    """One of two nodes dies, and comes back at once."""
    with servers.database() as database, _exchange(servers, order, database) as made:
        house = made.house
        house.query(OFTEN)
        urls = [node.url for node in house.nodes.values()]
        people = PEOPLE if order.trials >= MANY else PEOPLE // 4
        patience = 12.0 if order.control else 150.0
        crowd = texters(people, made.phones, urls, patience)
        for one in crowd:
            one.start()
        _kill_again_and_again(order, house)
        for one in crowd:
            one.finish()
        _rest(order, house)
        return _result(house, crowd)


@contextmanager
def _exchange(servers: Servers, order: Order, database: str) -> Iterator[Exchange]:
    starts = command("acknowledge-first") if order.control else COMMAND
    nodes = [Plan(name, command=starts) for name in ("left", "right")]
    vhost = servers.rabbitmq.vhost()

    def house(more: dict[str, object]) -> House:
        return House(
            database,
            nodes=nodes,
            broker=vhost,
            upstream=remembering.COMMAND,
            lease_seconds=LEASE,
            **more,  # type: ignore[arg-type]
        )

    with joined(house, "left") as made:
        made.phones.control("habits", limits=False)
        yield made


def _kill_again_and_again(order: Order, house: House) -> None:
    chance = random.Random(order.seed)
    longest = 2.5 if order.trials >= MANY else 1.0
    time.sleep(1)
    for trial in range(order.trials):
        node = chance.choice([*house.nodes.values()])
        time.sleep(chance.uniform(0, longest))
        node.kill()
        node.begin(f"{node.name.partition('-')[0]}-{trial}" if trial % 2 else None)
        node.ready()


def _rest(order: Order, house: House) -> None:
    """Waits until nothing is under way; what never comes to rest is judged as it is."""
    try:
        wait_until(
            lambda: (
                not house.query(UNDER_WAY)
                and not invariants.violations(house.database, at_rest=True)
            ),
            1.0 if order.control else REST,
        )
    except AssertionError:
        return


def _result(house: House, crowd: list[Texter]) -> Result:
    faults = tuple(lost_or_doubled(house, crowd))
    taken = [one for each in crowd for one in each.written if one.taken]
    slowest = max((one.seconds or 0.0 for one in taken), default=0.0)
    lost = sum(fault.startswith("lost") for fault in faults)
    twice = sum("twice" in fault for fault in faults)
    figure = (
        f"{len(taken)} messages taken, {lost} lost, {twice} answered twice,"
        f" {in_doubt(house)} of ours in doubt and sent again, slowest {slowest:.1f} s"
    )
    return Result(figure, faults)


DRILLS = (
    Drill(
        id="WA-kill",
        promise="Nodes killed while they hear people on WhatsApp lose no message, and"
        " answer none twice.",
        run=kill_one_of_two,
        trials=100,
        quick=0,
        mutant="a webhook is acknowledged before it is stored",
        symptom="lost: ",
        control_trials=20,
        seconds=600,
    ),
)
