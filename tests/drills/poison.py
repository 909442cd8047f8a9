"""D10-D12: what goes wrong between RabbitMQ and the jobs that it brings.

Queues are deleted under the nodes, jobs are brought more than once, and some can never
be done: they raise, or kill the process that tries.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import attrs
from pika import BlockingConnection, URLParameters
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from tests.drills import remembering
from tests.drills.asking import GONE, Asker, crowd
from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.figures import p95
from tests.drills.mutants import command, poison
from tests.drills.verdict import judge
from tests.system.harness import House, Node, Plan, wait_until
from tests.system.people import Person
from tests.system.talking import Shown
from zimgpt.broker.topology import DEAD, JOBS, NODES
from zimgpt.embedded.server import COMMAND
from zimgpt.store import invariants

LEASE = 1.5
LONGER = 4.0  # where a node that lives may not get the processor for a second or two
RESUMED = 10.0  # seconds to the next answer after the broker was tampered with
HEALED = 20.0  # seconds to what nobody needs at once: dead letters
DEAD_WITHIN = 60.0  # seconds from asking a poisonous question to its dead letter
SUSPECTED = 25.0  # the same in a control, for which nobody may look for ever
CROWD = 8
MOST_ATTEMPTS = 5
CALM = 5.0  # seconds for which others are measured without poison
BRIEF = 2.0  # the same in a hurry
LOOK = 0.2


@contextmanager
def _admin(url: str) -> Iterator[BlockingChannel]:
    """A channel of somebody who may do anything."""
    connection = BlockingConnection(URLParameters(url))
    try:
        yield connection.channel()
    finally:
        if connection.is_open:
            connection.close()


def _depth(url: str, queue: str) -> tuple[int, int] | None:
    """Messages and consumers of a queue; None without one."""
    with _admin(url) as channel:
        try:
            declared = channel.queue_declare(queue, passive=True).method
        except AMQPError:
            return None
        return declared.message_count, declared.consumer_count


def _within(true: Callable[[], object], patience: float) -> float | None:
    """After how many seconds something came true; None if it did not in time."""
    began = time.monotonic()
    try:
        wait_until(true, patience)
    except AssertionError:
        return None
    return time.monotonic() - began


def _at_rest(house: House) -> bool:
    return not invariants.violations(house.database, at_rest=True)


# ---- D10


def _queue_deleted(url: str, _person: Person) -> None:
    with _admin(url) as channel:
        channel.queue_delete(JOBS)


def _dead_letters_deleted(url: str, _person: Person) -> None:
    with _admin(url) as channel:
        channel.queue_delete(DEAD)


def _exchange_deleted(url: str, person: Person) -> None:
    """A publish to what is not there closes the channel with 404."""
    with _admin(url) as channel:
        channel.exchange_delete(NODES)
    token = attrs.evolve(person, token=_second_session(person))
    token.call("DELETE", "/api/v1/sessions/current")


def _queue_of_another_kind(url: str, _person: Person) -> None:
    """Declaring it closes the channel with 406, until somebody removes it."""
    with _admin(url) as channel:
        channel.queue_delete(JOBS)
        try:
            channel.queue_declare(JOBS)
        except AMQPError:
            return  # the node was quicker, and has its own again
    time.sleep(2)
    with _admin(url) as channel:
        channel.queue_delete(JOBS)


TAMPERINGS = (
    _queue_deleted,
    _exchange_deleted,
    _queue_of_another_kind,
    _dead_letters_deleted,
)


def _second_session(person: Person) -> str:
    from tests.system.people import PASSWORD

    body = {"phone": person.phone, "password": PASSWORD, "token": True}
    token: str = person.call("POST", "/api/v1/sessions", body).json["token"]
    return token


def tamper(servers: Servers, order: Order) -> Result:
    """Each tampering in turn; after each the next question is answered soon."""
    url = servers.rabbitmq.vhost()
    starts = command("hold-on") if order.control else COMMAND
    faults: list[str] = []
    slowest = 0.0
    with (
        servers.database() as database,
        House(database, nodes=[Plan("only", command=starts)], broker=url) as house,
    ):
        person = Person.sign_up(house["only"].url)
        for trial in range(order.trials):
            tampering = TAMPERINGS[trial % len(TAMPERINGS)]
            tampering(url, person)
            resumed = RESUMED * order.slack
            seconds = _next_answer(person, str(trial), resumed)
            slowest = max(slowest, seconds or resumed)
            if seconds is None:
                faults.append(f"{tampering.__name__}: no answer in {resumed:.0f} s")
        faults += _not_declared_again(url, order)
        _within(lambda: _at_rest(house), 2.0 if order.control else 60.0)
    return Result(f"resumed within {slowest:.1f} s", tuple(faults))


def _next_answer(person: Person, id: str, resumed: float) -> float | None:
    began = time.monotonic()
    try:
        talk = person.connect()
        shown = talk.ask(id, "words:3")
        talk.finish(shown, resumed - (time.monotonic() - began))
    except GONE:
        return None
    return time.monotonic() - began


def _not_declared_again(url: str, order: Order) -> Iterator[str]:
    if order.control:
        return
    for queue, consumers in ((JOBS, 1), (DEAD, 0)):
        if _within(_declared(url, queue, consumers), HEALED * order.slack) is None:
            yield f"{queue} is {_depth(url, queue)}"


def _declared(url: str, queue: str, consumers: int) -> Callable[[], bool]:
    def true() -> bool:
        found = _depth(url, queue)
        return found is not None and found[1] == consumers

    return true


# ---- D11


@attrs.define
class _Poison:
    """A question that nobody can answer, and what became of it."""

    person: Person
    shown: Shown
    at: float
    buried: float | None = None


class _Keeper:
    """Starts nodes again that have died, as a supervisor of services does."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.starts = 0
        self._nodes = nodes
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> _Keeper:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(LOOK):
            for node in self._nodes:
                if not node.child.alive:
                    node.begin()
                    self.starts += 1


def poisoned(servers: Servers, order: Order) -> Result:
    """Others ask all the time, through one node; two more do the work."""
    url = servers.rabbitmq.vhost()
    quick = order.trials == 1 and not order.control
    starts = command("forget-the-dead" if order.control else "poisonable")
    if quick:
        starts = command("poisonable-hasty")
    nodes = [
        Plan("door", roles="web", command=starts),
        *(Plan(name, roles="worker", command=starts) for name in ("left", "right")),
    ]
    with (
        servers.database() as database,
        House(
            database,
            nodes=nodes,
            broker=url,
            upstream=remembering.COMMAND,
            lease_seconds=LEASE if order.slack == 1 else LONGER,
        ) as house,
        _Keeper([house["left"], house["right"]]) as keeper,
    ):
        door = house["door"].url
        others = crowd(CROWD, [door], lambda: Person.sign_up(door), 60.0)
        for asker in others:
            asker.start()
        time.sleep(BRIEF if quick else CALM)
        calm_until = time.monotonic()
        poisons = _poison(house, order)
        faults = [*_buried(house, url, poisons, order)]
        if len(poisons) > 1:  # a crash is rare enough for one in twenty over a minute
            time.sleep(max(0.0, calm_until + DEAD_WITHIN - time.monotonic()))
        for asker in others:
            asker.finish()
        _within(lambda: _at_rest(house), 60.0)
        faults += _amiss(house, poisons, order)
        faults += judge(house, others).wrong
        before, after = _latencies(others, calm_until)
        if not (order.control or quick) and after >= 2 * before:
            faults.append(f"others' p95 rose from {before:.2f} to {after:.2f} s")
        slowest = max((one.buried or DEAD_WITHIN for one in poisons), default=0.0)
        figure = (
            f"buried within {slowest:.0f} s, {keeper.starts} processes killed, others'"
            f" p95 {before:.2f} s without and {after:.2f} s with poison"
        )
        return Result(figure, tuple(faults))


def _poison(house: House, order: Order) -> list[_Poison]:
    """In turn a question that raises, and one that kills."""
    poisons = []
    for trial in range(order.trials):
        kind = (poison.RAISES, poison.KILLS)[trial % 2]
        person = Person.sign_up(house["door"].url)
        shown = person.connect().ask("1", f"{kind} {trial}")
        poisons.append(_Poison(person, shown, time.monotonic()))
    return poisons


def _buried(
    house: House, url: str, poisons: Sequence[_Poison], order: Order
) -> Iterator[str]:
    patience = SUSPECTED if order.control else DEAD_WITHIN * order.slack
    until = time.monotonic() + patience
    while time.monotonic() < until and not all(one.buried for one in poisons):
        dead = _dead(house)
        letters = _depth(url, DEAD)
        if letters is not None and letters[0] == len(dead):
            for one in poisons:
                if one.buried is None and one.shown.answer in dead:
                    one.buried = time.monotonic() - one.at
        time.sleep(LOOK)
    for one in poisons:
        if one.buried is None:
            state = "dead" if one.shown.answer in _dead(house) else "not dead"
            yield f"no dead letter within {patience:.0f} s; the job is {state}"


def _dead(house: House) -> set[str]:
    rows = house.query("select ref from jobs where state = 'dead'")
    return {ref for (ref,) in rows}


def _amiss(house: House, poisons: Sequence[_Poison], order: Order) -> Iterator[str]:
    if (
        not order.control
        and _within(lambda: _told(house) == len(poisons), HEALED * order.slack) is None
    ):
        yield f"{_told(house)} alarms for {len(poisons)} dead jobs"
    rows = house.query(
        "select j.attempts, a.finish_reason, r.state from jobs j"
        "  join answers a on a.id::text = j.ref"
        "  join reservations r on r.answer_id = a.id"
        " where a.id = any (%s::uuid[])",
        [one.shown.answer for one in poisons],
    )
    for row in rows:
        if row != (MOST_ATTEMPTS, "gave_up", "released"):
            yield f"a poisonous question ended as {row}"
    if len(_dead(house)) != len(poisons):
        yield f"{len(_dead(house))} jobs are dead"


def _told(house: House) -> int:
    line = f"is dead after {MOST_ATTEMPTS} attempts"
    return sum(node.log().count(line) for node in house.nodes.values())


def _latencies(others: Sequence[Asker], calm_until: float) -> tuple[float, float]:
    asked = [one for asker in others for one in asker.asked if one.seconds is not None]
    calm = [one.seconds for one in asked if one.at + (one.seconds or 0) < calm_until]
    rough = [one.seconds for one in asked if one.at + (one.seconds or 0) >= calm_until]
    return p95([s for s in calm if s]), p95([s for s in rough if s])


# ---- D12


def thrice(servers: Servers, order: Order) -> Result:
    """Every job is given to the broker three times; two nodes take them."""
    url = servers.rabbitmq.vhost()
    starts = command("publish-thrice")
    with (
        servers.database() as database,
        House(
            database,
            nodes=[Plan(name, command=starts) for name in ("left", "right")],
            broker=url,
            upstream=remembering.COMMAND,
        ) as house,
    ):
        if order.control:
            [(source,)] = house.query(poison.SOURCE)
            house.query(poison.leaseless(source))
        urls = [node.url for node in house.nodes.values()]
        shown = _ask(urls, order)
        _within(lambda: _at_rest(house), 30.0)
        calls = Counter(
            body["messages"][-1]["content"] for body in house.upstream.requests()
        )
        settled = house.query(
            "select count(*) from transfers where idem_key like 'settle:%'"
        )[0][0]
        attempts = house.query("select coalesce(sum(attempts), 0) from jobs")[0][0]
    faults = [
        f"{text!r} was generated {number} times"
        for text, number in calls.items()
        if number != 1
    ]
    if settled != len(shown):
        faults.append(f"{settled} charges for {len(shown)} answers")
    figure = f"{len(shown)} jobs, {sum(calls.values())} generations, {settled} charges"
    return Result(f"{figure}, {attempts} attempts", tuple(faults))


def _ask(urls: Sequence[str], order: Order) -> list[Shown]:
    """All at once, from one connection to each node; returns when all have ended."""
    talks = [Person.sign_up(url).connect() for url in urls]
    asked = []
    for trial in range(order.trials):
        talk = talks[trial % len(talks)]
        asked.append((talk, talk.ask(str(trial), f"Question {trial}. words:10 delay:20",
                                     kind="essay")))  # fmt: skip
    for talk, shown in asked:
        talk.finish(shown, 60.0)
    return [shown for _, shown in asked]


DRILLS = (
    Drill(
        id="D10",
        promise="Whatever is deleted in RabbitMQ is made again, and work goes on.",
        run=tamper,
        trials=20,
        quick=3,
        mutant="a connection on which something was lost is kept",
        symptom="no answer in",
        control_trials=1,
        seconds=90,
    ),
    Drill(
        id="D11",
        promise="A poisonous question ends after five attempts and harms no other.",
        run=poisoned,
        trials=2,
        quick=1,
        mutant="a dead job is acknowledged like any other",
        symptom="no dead letter",
        control_trials=1,
        seconds=100,
    ),
    Drill(
        id="D12",
        promise="A job that is brought three times is done and paid for once.",
        run=thrice,
        trials=300,
        quick=30,
        mutant="a claim does not look at leases",
        symptom="was generated",
        control_trials=30,
        seconds=40,
    ),
)
