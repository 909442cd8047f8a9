"""D-kill: a node is killed at uniformly random moments while many clients ask.

With RabbitMQ there are two nodes and one of them dies; without it the only one does.
It comes back at once, every other time under another name, so that its work is found
by its name as well as by leases that run out.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from tests.drills import remembering
from tests.drills.asking import crowd
from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.mutants import command, killing
from tests.drills.verdict import Verdict, judge
from tests.servers.rabbitmq import RabbitMQ
from tests.system.harness import House, Plan, wait_until
from tests.system.people import Person
from zimgpt.embedded.server import COMMAND
from zimgpt.store import invariants

CLIENTS = 12
OFTEN = "alter table jobs alter column max_attempts set default 50"
"""A node that dies every two seconds takes more than five attempts with it; that a job
stops after so many is shown by another drill."""
MANY = 20  # kills; fewer are done in a hurry
LEASE = 1.5
LONGER = 4.0  # where a node that lives may not get the processor for a second or two
REST = 180.0  # seconds after which nothing may be under way any more


@attrs.frozen
class _Kills:
    """One run."""

    order: Order
    rabbitmq: RabbitMQ | None
    quick: bool

    @property
    def wait(self) -> float:
        """Seconds that a client waits for an answer. Those of a control can wait for
        ever. An attempt that was killed is found after a lease and a sweep, and if
        the sweeper is killed too, half a minute later."""
        return 12.0 if self.order.control else 180.0

    @property
    def longest(self) -> float:
        """Seconds that the nodes live between two kills, at most."""
        return 1.0 if self.quick else 2.5


def kill_alone(servers: Servers, order: Order) -> Result:
    """The only node dies, and comes back."""
    return _run(servers, _Kills(order, None, order.trials < MANY))


def kill_one_of_two(servers: Servers, order: Order) -> Result:
    """One of two nodes dies, with RabbitMQ between them."""
    return _run(servers, _Kills(order, servers.rabbitmq, order.trials < MANY))


def _run(servers: Servers, kills: _Kills) -> Result:
    with servers.database() as database, _house(kills, database) as house:
        house.query(OFTEN)
        if kills.order.control:
            [(source,)] = house.query(killing.SOURCE)
            house.query(killing.unsettled(source))
        urls = [node.url for node in house.nodes.values()]
        askers = crowd(CLIENTS, urls, lambda: Person.sign_up(urls[0]), kills.wait)
        for asker in askers:
            asker.start()
        _kill_again_and_again(kills, house)
        for asker in askers:
            asker.finish()
        _rest(kills, house)
        return _result(judge(house, askers))


@contextmanager
def _house(kills: _Kills, database: str) -> Iterator[House]:
    alone = kills.rabbitmq is None
    starts = command("hasty") if kills.quick else COMMAND
    if kills.order.control:
        starts = command("settle-later")
    names = ["only"] if alone else ["left", "right"]
    with House(
        database,
        nodes=[Plan(name, command=starts) for name in names],
        broker="local:" if kills.rabbitmq is None else kills.rabbitmq.vhost(),
        upstream=remembering.COMMAND,
        lease_seconds=LEASE if kills.order.slack == 1 else LONGER,
    ) as house:
        yield house


def _kill_again_and_again(kills: _Kills, house: House) -> None:
    chance = random.Random(kills.order.seed)
    time.sleep(1)
    for trial in range(kills.order.trials):
        node = chance.choice([*house.nodes.values()])
        time.sleep(chance.uniform(0, kills.longest))
        node.kill()
        node.begin(f"{node.name.partition('-')[0]}-{trial}" if trial % 2 else None)
        node.ready()


def _rest(kills: _Kills, house: House) -> None:
    """Waits until nothing is under way; what never comes to rest is judged as it is."""
    try:
        wait_until(
            lambda: not invariants.violations(house.database, at_rest=True),
            1.0 if kills.order.control else REST,
        )
    except AssertionError:
        return


def _result(verdict: Verdict) -> Result:
    figure = (
        f"{verdict.acknowledged} acknowledged,"
        f" {verdict.lost} lost, {verdict.again} written again,"
        f" {verdict.resets} resets shown, slowest {verdict.slowest:.1f} s"
    )
    return Result(figure, verdict.wrong)


DRILLS = (
    Drill(
        id="D1-alone",
        promise="A node killed under load, alone, keeps every promise it has made.",
        run=kill_alone,
        trials=150,
        quick=2,
        mutant="an answer is paid for in a second transaction",
        symptom="its hold is open",
        control_trials=20,
        seconds=600,
    ),
    Drill(
        id="D1-two",
        promise="Nodes killed under load, with RabbitMQ between them, lose nothing.",
        run=kill_one_of_two,
        trials=150,
        quick=2,
        mutant="an answer is paid for in a second transaction",
        symptom="its hold is open",
        control_trials=20,
        seconds=700,
    ),
)
