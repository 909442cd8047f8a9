"""D40 and D41: nodes are told to stop under load, and started again.

A planned restart is not a crash: what has begun is finished, every answer is written
once, and whoever comes meanwhile waits a little, if at all.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.handing import Holder
from tests.drills.mutants import command
from tests.drills.streams import Stream, books, people
from tests.drills.visiting import Visitors
from tests.system.harness import House, Node, Plan, wait_until
from tests.system.people import Person
from zimgpt.embedded.server import COMMAND
from zimgpt.store import invariants

STREAMS = 200
HURRIED = 60  # where there is little time
DELAY = 150  # ms between two words
PATIENCE = 120.0
IN_TIME = 31.0  # seconds for a stop
AT_ONCE = 5.0  # for one that is told twice
RATE = 50.0  # visits a second
REST = 60.0


def stop_under_load(servers: Servers, order: Order) -> Result:
    """The only node is told to stop; every other time it is told twice."""
    faults: list[str] = []
    slowest = 0.0
    plan = Plan("only", command=_starts(order))
    with (
        servers.database() as database,
        House(
            database,
            nodes=[plan],
            broker=servers.rabbitmq.vhost(),
            answers_at_once=2 * STREAMS,
        ) as house,
    ):
        node, handed_over = house["only"], 0
        for trial in range(order.trials):
            before = books(house).again
            streams = _streams(house, [node.url], (30, 50), STREAMS)
            seconds = _stop(node, faults, twice=bool(trial % 2))
            slowest = max(slowest, seconds)
            node.begin()
            node.ready()
            faults += _ends(streams)
            again = books(house).again - before
            if trial % 2:
                handed_over += again
            elif again:
                faults.append(f"{again} answers were begun again")
        faults += _twice(house)
        _rest(house, faults)
    done = order.trials * STREAMS
    return Result(
        f"{done} streams, {handed_over} handed over, slowest stop {slowest:.1f} s",
        tuple(faults),
    )


def restart_one_by_one(servers: Servers, order: Order) -> Result:
    """Two nodes on one socket are restarted in turn, among streams and visitors."""
    faults: list[str] = []
    with (
        servers.database() as database,
        Holder() as holder,
        _two(servers, database, holder, order) as house,
    ):
        hurried = order.trials == 1
        size, words = (HURRIED, (30, 50)) if hurried else (STREAMS, (60, 100))
        streams = _streams(house, [holder.url], words, size)
        with _visitors(house, holder.url, faults) as visitors:
            for _ in range(order.trials):
                for node in house.nodes.values():
                    _stop(node, faults)
                    node.begin()
                    node.ready()
        faults += _ends(streams)
        connected = sum(one.connected for one in streams)
        again = books(house).again
        if again:
            faults.append(f"{again} answers were begun again")
        faults += _twice(house)
        _rest(house, faults)
    return Result(
        f"{size} streams over {connected} connections, {again} begun again,"
        f" {visitors.answered} requests, slowest {visitors.slowest:.1f} s",
        tuple(faults),
    )


def restart_alone(servers: Servers, order: Order) -> Result:
    """One node, whose socket outlives it, is restarted among visitors."""
    faults: list[str] = []
    with servers.database() as database, Holder() as holder:
        plan = Plan("only", settings=holder.settings, command=holder.given_to(*COMMAND))
        if order.control:  # it listens by itself
            plan = Plan("only")
        with House(database, nodes=[plan]) as house:
            node = house["only"]
            url = node.url if order.control else holder.url
            with _visitors(house, url, faults) as visitors:
                for _ in range(order.trials):
                    time.sleep(1)
                    _stop(node, faults)
                    node.begin()
                    node.ready()
                time.sleep(1)
            _rest(house, faults)
    return Result(
        f"{visitors.answered} requests, slowest {visitors.slowest:.1f} s",
        tuple(faults),
    )


def _starts(order: Order) -> Sequence[str | Path]:
    return command("leave-at-once") if order.control else COMMAND


@contextmanager
def _two(
    servers: Servers, database: str, holder: Holder, order: Order
) -> Iterator[House]:
    starts = holder.given_to(*_starts(order))
    names = ("left", "right")
    with House(
        database,
        nodes=[Plan(name, settings=holder.settings, command=starts) for name in names],
        broker=servers.rabbitmq.vhost(),
        answers_at_once=2 * STREAMS,
    ) as house:
        yield house


def _streams(
    house: House, urls: Sequence[str], words: tuple[int, int], size: int
) -> list[Stream]:
    """All of them, when each has begun."""
    streams = [
        Stream(person, urls, random.randint(*words), DELAY)
        for person in people(house, size, urls[0])
    ]
    for one in streams:
        one.start(PATIENCE)
    wait_until(lambda: all(one.begun or one.broken for one in streams), 120)
    return streams


@contextmanager
def _visitors(house: House, url: str, faults: list[str]) -> Iterator[Visitors]:
    [person] = people(house, 1, url)
    visitors = Visitors(url, person, _conversation(person), RATE)
    visitors.start()
    try:
        yield visitors
    finally:
        visitors.stop()
        faults += visitors.wrong


def _conversation(person: Person) -> str:
    talk = person.connect()
    shown = talk.finish(talk.ask("visit", "Hello. words:1"))
    talk.socket.drop()
    return str(shown.accepted["conversation"])


def _stop(node: Node, faults: list[str], *, twice: bool = False) -> float:
    """How many seconds it took."""
    began = time.monotonic()
    node.ask_to_stop()
    if twice:
        time.sleep(0.3)
        node.ask_to_stop()
    status = node.wait()
    seconds = time.monotonic() - began
    if status != 0:
        faults.append(f"{node.name} ended with status {status}")
    if seconds > (AT_ONCE if twice else IN_TIME):
        faults.append(f"{node.name} took {seconds:.1f} s to stop")
    return seconds


def _ends(streams: Sequence[Stream]) -> list[str]:
    for one in streams:
        one.join()
    return [fault for one in streams for fault in one.faults()]


def _twice(house: House) -> list[str]:
    twice = books(house).charged_twice
    return [f"{twice} answers were charged twice"] if twice else []


def _rest(house: House, faults: list[str]) -> None:
    faults += [f"a traceback: {log[:200]}" for log in house.tracebacks()]
    wait_until(lambda: not invariants.violations(house.database, at_rest=True), REST)


DRILLS = (
    Drill(
        id="D40",
        promise="A node told to stop under load finishes or hands over, and ends well.",
        run=stop_under_load,
        trials=4,
        quick=0,
        mutant="a node that does not wait for what it has begun",
        symptom="answers were begun again",
        control_trials=1,
        seconds=60,
    ),
    Drill(
        id="D41",
        promise="Nodes restarted one after the other lose no stream, refuse nobody.",
        run=restart_one_by_one,
        trials=2,
        quick=1,
        mutant="a node that does not wait for what it has begun",
        symptom="answers were begun again",
        control_trials=1,
        seconds=100,
    ),
    Drill(
        id="D41-alone",
        promise="While a node restarts, whoever connects is kept waiting, not refused.",
        run=restart_alone,
        trials=5,
        quick=0,
        mutant="a node that opens its socket by itself",
        symptom="ConnectionRefusedError",
        control_trials=1,
        seconds=60,
    ),
)
