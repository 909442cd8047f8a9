"""D14-D16, D18: PostgreSQL crashes, cuts connections, is slow, or is not heard.

It is the only truth, so while it is away nothing is accepted: 503, and the client
repeats under the same id. What was accepted before is kept.
"""

from __future__ import annotations

import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import attrs

from tests.drills import remembering
from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.figures import p99
from tests.drills.mutants import command
from tests.drills.posting import (
    ACCEPTED,
    AWAY,
    Posted,
    Poster,
    Try,
    finish,
    lost_or_doubled,
    posters,
    tries,
)
from tests.drills.proxy import Proxy
from tests.system.harness import House, Plan, wait_until
from tests.system.people import call
from zimgpt.embedded.server import COMMAND
from zimgpt.store import invariants

CROWD = 6
PAUSE = 0.3  # seconds between two questions of one person
HEALED = 5.0  # seconds until the pool is whole again
NEVER = 999.0
REST = 60.0  # seconds after which nothing may be under way
HOPELESS = 8.0  # the same in a control
RATE = 0.1  # seconds between two connections that are ended
CHANCE = 0.3  # of the statements in doubt
IN_DOUBT = re.compile(rb"\b(ask|append|finish)_\w+\(")
"""A question, pieces of text or an end, whatever their functions are called now."""
KINDS = 3
OFTEN = 180.0  # seconds in which even a busy machine has each of them in doubt once
MANY = 40  # people who ask without a pause, for more than the pool can serve
SLOW = 0.2  # seconds for each packet
LAG = 0.05  # seconds: what one request in a hundred that needs no database may take

TERMINATE = """
    select pg_terminate_backend(pid) from pg_stat_activity
     where datname = %s and pid <> pg_backend_pid() order by random() limit 1
"""


@attrs.define
class _Scene:
    """A node under load, and what was found out about it."""

    order: Order
    house: House
    crowd: list[Poster] = attrs.field(factory=list)
    faults: list[str] = attrs.field(factory=list)

    @property
    def url(self) -> str:
        """Where the only node is."""
        return self.house["only"].url

    @property
    def healed(self) -> float:
        """Seconds until the pool is whole again."""
        return HEALED * self.order.slack

    def end(self) -> None:
        """Waits until all is at rest, and looks at what became of everything."""
        hopeless = self.order.control
        finish(self.crowd, HOPELESS if hopeless else REST)
        try:
            wait_until(
                lambda: not invariants.violations(self.house.database, at_rest=True),
                HOPELESS if hopeless else REST,
            )
        except AssertionError:
            self.faults.append("did not come to rest")
        self.faults += lost_or_doubled(self.house, self.crowd)

    def figure(self, more: str) -> Result:
        """The result, when all is at rest."""
        lost = sum(fault.startswith("lost") for fault in self.faults)
        number = sum(one.answer is not None for p in self.crowd for one in p.posted)
        figure = f"{number} accepted, {lost} lost, {more}"
        return Result(figure, tuple(self.faults))


@contextmanager
def _scene(
    order: Order, database: str, mutant: str | None = None, connections: int = 8
) -> Iterator[_Scene]:
    starts = command(mutant) if order.control and mutant else COMMAND
    with House(
        database,
        nodes=[Plan("only", command=starts)],
        upstream=remembering.COMMAND,
        welcome_tokens=100_000_000,
        database_connections=connections,
    ) as house:
        yield _Scene(order, house)


# ---- D14, D15


def restarted(servers: Servers, order: Order) -> Result:
    """An immediate restart, again and again."""
    chance = random.Random(order.seed)
    outages: list[tuple[float, float]] = []
    with servers.database() as database, _scene(order, database, "no-redial") as scene:
        scene.crowd = posters(CROWD, scene.url, PAUSE)
        for _ in range(order.trials):
            time.sleep(chance.uniform(0.5, 3))
            began = time.monotonic()
            servers.postgres.restart(immediate=True)
            outages.append((began, time.monotonic()))
        with suppress(AssertionError):
            wait_until(
                lambda: _healed(tries(scene.crowd), outages[-1][1]) < NEVER,
                scene.healed,
            )
        scene.end()
        return _healing(scene, outages)


def terminated(servers: Servers, order: Order) -> Result:
    """Connections are ended by the server, ten in a second."""
    with servers.database() as database, _scene(order, database, "no-redial") as scene:
        scene.crowd = posters(CROWD, scene.url, PAUSE)
        name = urlsplit(database).path[1:]
        time.sleep(1)
        began = time.monotonic()
        for _ in range(order.trials):
            scene.house.query(TERMINATE, name)
            time.sleep(RATE)
        outage = (began, time.monotonic())
        time.sleep(HEALED)
        scene.end()
        return _healing(scene, [outage])


def _healing(scene: _Scene, outages: Sequence[tuple[float, float]]) -> Result:
    made = tries(scene.crowd)
    refused = [each for each in made if each.status != ACCEPTED]
    slowest = max((_healed(made, ended) for _, ended in outages), default=0.0)
    if slowest > scene.healed:
        scene.faults.append(f"not healed: nothing accepted for {slowest:.1f} s")
    for each in refused:
        if not any(_within(each, *outage, scene.healed) for outage in outages):
            scene.faults.append(f"{each.status} though nothing was away")
        if each.status == AWAY and not each.retry_after:
            scene.faults.append("503 does not say when to return")
        if each.status != AWAY:
            scene.faults.append(f"{each.status} instead of 503")
    return scene.figure(f"{len(refused)} refused, healed within {slowest:.2f} s")


def _healed(made: Sequence[Try], ended: float) -> float:
    """Seconds from the end of an outage to the first acceptance."""
    ends = [one.at + one.seconds for one in made if one.status == ACCEPTED]
    return min((end - ended for end in ends if end >= ended), default=NEVER)


def _within(one: Try, began: float, ended: float, healed: float) -> bool:
    """Whether a request was under way in an outage, or in the moment of healing."""
    return one.at + one.seconds >= began and one.at <= ended + healed


# ---- D16


class Forgetful(Poster):
    """A client that makes a new question of what was not acknowledged."""

    def new_id(self, posted: Posted) -> str:
        """Another one."""
        return f"{posted.id}x"


def in_doubt(servers: Servers, order: Order) -> Result:
    """Statements that are committed, and whose answers are lost on the way."""
    chance = random.Random(order.seed)
    marked: Counter[str] = Counter()

    def doomed(some: bytes) -> bool:
        found = IN_DOUBT.search(some)
        if found is None or chance.random() > CHANCE:
            return False
        marked[found[1].decode()] += 1
        return True

    kind = Forgetful if order.control else Poster
    with (
        servers.database() as database,
        _wire(database) as (wire, url),
        _scene(order, url) as scene,
    ):
        scene.crowd = posters(CROWD, scene.url, PAUSE, kind)
        wire.doomed = doomed
        wait_until(
            lambda: wire.lost >= order.trials and len(marked) == KINDS,
            max(OFTEN, order.trials),
            "every kind of statement in doubt",
        )
        wire.doomed = lambda _: False
        scene.end()
    said = ", ".join(f"{number} {name}" for name, number in sorted(marked.items()))
    return scene.figure(f"{wire.lost} answers lost ({said})")


@contextmanager
def _wire(database: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy before the server, and the database's URL through it."""
    [host] = parse_qs(urlsplit(database).query)["host"]
    with tempfile.TemporaryDirectory(prefix="zimgpt-wire-") as folder:
        target = Path(host) / ".s.PGSQL.5432"
        with Proxy(target, Path(folder)) as wire:
            yield wire, database.replace(quote(host), quote(folder))


# ---- D18


def slow(servers: Servers, order: Order) -> Result:
    """Each packet takes its time, for as many seconds as trials, and the pool is too
    small for all who want something."""
    with (
        servers.database() as database,
        _wire(database) as (wire, url),
        _scene(order, url, "endless-patience", connections=2) as scene,
    ):
        scene.crowd = posters(MANY, scene.url, 0.01)
        wire.delay = SLOW
        lags = _lags(scene.url, order.trials)
        wire.delay = 0.0
        scene.end()
    return _slowness(scene, lags)


def _slowness(scene: _Scene, lags: Sequence[float]) -> Result:
    busy = [each for each in tries(scene.crowd) if each.status == AWAY]
    if not busy:
        scene.faults.append("no 503 though the pool was exhausted")
    if any(not each.retry_after for each in busy):
        scene.faults.append("503 does not say when to return")
    lag = p99(lags)
    if lag >= LAG:
        scene.faults.append(f"the reactor lagged by {lag * 1000:.0f} ms")
    return scene.figure(f"{len(busy)} refused by 503, lag p99 {lag * 1000:.0f} ms")


def _lags(url: str, seconds: float) -> list[float]:
    """How long what needs no database takes."""
    lags: list[float] = []
    until = time.monotonic() + seconds
    while (began := time.monotonic()) < until:
        call(url, "GET", "/healthz")
        lags.append(time.monotonic() - began)
        time.sleep(0.02)
    return lags


DRILLS = (
    Drill(
        id="D14",
        promise="A database that crashes again and again loses nothing it has taken.",
        run=restarted,
        trials=20,
        quick=1,
        mutant="a connection that was lost is not made again",
        symptom="not healed",
        control_trials=1,
        seconds=80,
    ),
    Drill(
        id="D15",
        promise="Connections that are ended ten times a second are made again.",
        run=terminated,
        trials=600,
        quick=0,
        mutant="a connection that was lost is not made again",
        symptom="not healed",
        control_trials=100,
        seconds=100,
    ),
    Drill(
        id="D16",
        promise="A commit whose answer is lost has its effect once.",
        run=in_doubt,
        trials=200,
        quick=6,
        mutant="a client that asks again under another id",
        symptom="asked twice",
        control_trials=25,
        seconds=60,
    ),
    Drill(
        id="D18",
        promise="A slow database makes people wait or return, and holds up no others.",
        run=slow,
        trials=30,
        quick=0,
        mutant="whoever wants a connection waits until there is one",
        symptom="no 503",
        control_trials=15,
        seconds=80,
    ),
)
