"""D-kill: a node is killed at uniformly random moments while many clients ask.

With RabbitMQ there are two nodes and one of them dies; without it the only one does.
It comes back at once, every other time under another name, so that its work is found
by its name as well as by leases that run out.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import attrs

from tests.drills import sabotaged
from tests.drills.asking import crowd
from tests.drills.verdict import Verdict, judge
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.system.harness import House, Plan, wait_until
from tests.system.people import Person
from zimgpt.embedded.server import COMMAND
from zimgpt.store import invariants

CLIENTS = 12
LEASE = 1.5
REST = 60.0  # seconds after which nothing may be under way any more
UPSTREAM = (sys.executable, "-m", "tests.drills.remembering")


@attrs.frozen
class Drill:
    """What is to be done, and with how much of it."""

    broker: str
    trials: int
    control: bool = False
    clients: int = CLIENTS
    seed: int = 1
    longest: float = 2.5
    """Seconds that the nodes live between two kills, at most."""

    @property
    def wait(self) -> float:
        """Seconds that a client waits for an answer. Those of a control can wait for
        ever. An attempt that was killed is found after a lease and a sweep, and if
        the sweeper is killed too, half a minute later."""
        return 12.0 if self.control else 90.0

    @property
    def name(self) -> str:
        """For its line in the report."""
        return f"kill/{self.broker}{' (control)' if self.control else ''}"


def run(drill: Drill, postgres: PostgreSQL, rabbitmq: RabbitMQ | None) -> Verdict:
    """The drill, from the first question to the verdict."""
    with _house(drill, postgres, rabbitmq) as house:
        if drill.control:
            [(source,)] = house.query(sabotaged.SOURCE)
            house.query(sabotaged.unsettled(source))
        urls = [node.url for node in house.nodes.values()]
        askers = crowd(drill.clients, urls, lambda: Person.sign_up(urls[0]), drill.wait)
        for asker in askers:
            asker.start()
        _kill_again_and_again(drill, house)
        for asker in askers:
            asker.finish()
        _rest(drill, house)
        return judge(house, askers)


@contextmanager
def _house(
    drill: Drill, postgres: PostgreSQL, rabbitmq: RabbitMQ | None
) -> Iterator[House]:
    command = sabotaged.COMMAND if drill.control else COMMAND
    names = ["left", "right"] if drill.broker == "rabbitmq" else ["only"]
    with ExitStack() as stack:
        yield stack.enter_context(
            House(
                stack.enter_context(postgres.database()),
                nodes=[Plan(name, command=command) for name in names],
                broker="local:" if rabbitmq is None else rabbitmq.vhost(),
                upstream=UPSTREAM,
                lease_seconds=LEASE,
            )
        )


def _kill_again_and_again(drill: Drill, house: House) -> None:
    chance = random.Random(drill.seed)
    time.sleep(1)
    for trial in range(drill.trials):
        node = chance.choice([*house.nodes.values()])
        time.sleep(chance.uniform(0, drill.longest))
        node.kill()
        node.begin(f"{node.name.partition('-')[0]}-{trial}" if trial % 2 else None)
        node.ready()


def _rest(drill: Drill, house: House) -> None:
    """Waits until nothing is under way; what never comes to rest is judged as it is."""
    try:
        wait_until(
            lambda: not invariants.violations(house.database, at_rest=True),
            1.0 if drill.control else REST,
        )
    except AssertionError:
        return


def report(drill: Drill, verdict: Verdict) -> tuple[str, bool]:
    """One line of figures, and whether it passes.

    A control passes by failing for the right reason: money that nobody settled.
    """
    passed = verdict.violations > 0 if drill.control else not verdict.wrong
    figures = (
        f"{drill.trials} kills, {verdict.acknowledged} acknowledged,"
        f" {verdict.lost} lost, {verdict.again} written again,"
        f" {verdict.resets} resets shown, slowest {verdict.slowest:.1f} s,"
        f" {verdict.violations} violations, {len(verdict.wrong)} faults"
    )
    return f"{drill.name}: {figures}: {'pass' if passed else 'FAIL'}", passed
