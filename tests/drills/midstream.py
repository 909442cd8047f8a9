"""D4, D5: a node dies, or freezes and wakes up too late, while it writes answers.

There is another node, with RabbitMQ between them. It begins the answers again when
their leases have run out, and everybody who reads them is told so.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import attrs

from tests.drills import remembering
from tests.drills.asking import GONE, PAUSE
from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.mutants import command
from tests.drills.mutants import midstream as mutants
from tests.system.harness import House, Node, Plan, text_of, wait_until
from tests.system.people import Person
from tests.system.talking import Shown, Talk
from zimgpt.embedded.server import COMMAND
from zimgpt.store import invariants

READERS = 8
WORDS = 300
PACE = 20  # ms between two words
LEASE = 30.0  # as it is unless an operator says otherwise
SHORT = 2.0
MARGIN = 10.0  # seconds after a lease's end until its answers are written again
PATIENCE = 90.0
REST = 30.0
AHEAD = 3.0  # seconds that the other attempt is given to get further
FROZEN = 60.0
"""Seconds until another node has all: the broker goes on giving jobs to one that
stands still, until it misses its heartbeats."""

STALE = """
    select count(*) from answer_chunks c join answers a on a.id = c.answer_id
     where c.epoch < a.epoch
"""
STORED = """
    select a.state, a.text, a.epoch, r.settled,
           (select count(*) from transfers t where t.idem_key = 'settle:' || a.id)
      from answers a join reservations r on r.answer_id = a.id where a.id = %s
"""


class Reader:
    """Asks one question and reads its answer, wherever and however often it must.

    A careless one does not heed that an answer has begun again.
    """

    def __init__(
        self, id: str, person: Person, urls: Sequence[str], *, careless: bool
    ) -> None:
        self.shown: Shown | None = None
        self.before = 0
        """The epoch of the first text that was shown."""
        self.told = False
        """Whether it was said that another epoch has begun."""
        self.resumed: float | None = None
        """When the first text of another epoch was shown."""
        self.broken: BaseException | None = None
        self._id = id
        self._person = person
        self._urls = urls
        self._careless = careless
        self._chance = random.Random(id)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Returns when it has read all, or given up."""
        self._thread.join()

    def _run(self) -> None:
        until = time.monotonic() + PATIENCE
        talk: Talk | None = None
        try:
            while time.monotonic() < until:
                try:
                    talk = talk or self._reach()
                    self._hear(talk)
                except GONE:
                    talk = None
                    time.sleep(PAUSE)
                if self.shown is not None and self.shown.end is not None:
                    return
        except BaseException as error:  # a drill tells what broke its client
            self.broken = error

    def _reach(self) -> Talk:
        """A connection on which the answer is read."""
        talk = self._person.at(self._chance.choice(self._urls)).connect()
        if self.shown is None:
            text = f"Question {self._id}. words:{WORDS} delay:{PACE}"
            self.shown = talk.ask(self._id, text, kind="essay")
        else:
            self._mind(lambda shown: talk.read(shown))
        return talk

    def _hear(self, talk: Talk) -> None:
        self._mind(lambda _: talk.hear())
        shown = self.shown
        assert shown is not None
        if shown.texts and not self.before:
            self.before = shown.epoch
        if shown.texts and shown.epoch != self.before and self.resumed is None:
            self.resumed = time.monotonic()

    def _mind(self, act: Callable[[Shown], object]) -> None:
        """Does something that may tell of another epoch."""
        shown = self.shown
        assert shown is not None
        epoch, texts = shown.epoch, [*shown.texts]
        act(shown)
        if self.before and shown.epoch != epoch:
            self.told = True
            if self._careless:
                shown.texts[:0] = texts


@attrs.define
class _Scene:
    """Two nodes, and what was found out about them."""

    order: Order
    house: House
    longest: float
    """Seconds until an answer is written again, at most."""
    number: int = 0
    changed: int = 0
    slowest: float = 0.0
    stale: int = 0
    faults: list[str] = attrs.field(factory=list)

    def readers(self, *, careless: bool) -> list[Reader]:
        """They ask, and have seen some text."""
        urls = [node.url for node in self.house.nodes.values()]
        self.number += 1
        readers = [
            Reader(
                f"{self.number}-{each}",
                Person.sign_up(urls[0]),
                urls,
                careless=careless,
            )
            for each in range(READERS)
        ]
        wait_until(lambda: all(one.before for one in readers), what="some text each")
        return readers

    def writer(self) -> Node:
        """A node that writes some of the answers just now."""
        rows = self.house.query("select lease_owner from jobs where state = 'running'")
        names = [name for (name,) in rows]
        nodes = [*self.house.nodes.values()]
        return max(nodes, key=lambda node: names.count(node.name))

    def judge(self, readers: Sequence[Reader], died: float) -> None:
        """All have read to the end."""
        for reader in readers:
            reader.join()
            self.faults += self._faults(reader, died)

    def _faults(self, reader: Reader, died: float) -> Iterator[str]:
        shown = reader.shown
        if reader.broken is not None or shown is None or shown.end is None:
            yield f"a reader was not told of the end: {reader.broken!r}"
            return
        ((state, text, epoch, settled, times),) = self.house.query(STORED, shown.answer)
        if shown.text != text_of(WORDS) or text != shown.text:
            yield f"a reader shows {shown.text!r}, stored is {text!r}"
        if (state, times) != ("complete", 1) or shown.end.get("cost") != settled:
            yield f"{state}, settled {times} times, told {shown.end}"
        if shown.epoch != epoch or reader.told != (epoch != reader.before):
            yield f"epoch {reader.before} became {epoch}, told of that: {reader.told}"
        if reader.resumed is not None:
            self.changed += 1
            self.slowest = max(self.slowest, reader.resumed - died)
            if reader.resumed - died > self.longest:
                yield f"resumed after {reader.resumed - died:.1f} s only"

    def result(self, more: str = "") -> Result:
        """When all is at rest."""
        try:
            wait_until(
                lambda: not invariants.violations(self.house.database, at_rest=True),
                REST,
            )
        except AssertionError:
            self.faults.append("did not come to rest")
        figure = (
            f"{self.number * READERS} answers, {self.changed} begun again,"
            f" resumed within {self.slowest:.1f} s{more}"
        )
        return Result(figure, tuple(self.faults))


@contextmanager
def _scene(
    servers: Servers,
    order: Order,
    database: str,
    lease: float,
    longest: float,
    starts: Sequence[str | Path] = COMMAND,
) -> Iterator[_Scene]:
    with House(
        database,
        nodes=[Plan(name, command=starts) for name in ("left", "right")],
        broker=servers.rabbitmq.vhost(),
        upstream=remembering.COMMAND,
        lease_seconds=lease,
    ) as house:
        yield _Scene(order, house, longest)


def killed(servers: Servers, order: Order) -> Result:
    """The node that writes most is killed, and comes back under another name."""
    lease = SHORT if order.control else LEASE
    with (
        servers.database() as database,
        _scene(servers, order, database, lease, lease + MARGIN) as scene,
    ):
        for trial in range(order.trials):
            readers = scene.readers(careless=order.control)
            node = scene.writer()
            node.kill()
            died = time.monotonic()
            node.begin(f"{node.name.partition('-')[0]}-{trial}")
            node.ready()
            scene.judge(readers, died)
        return scene.result()


def frozen(servers: Servers, order: Order) -> Result:
    """The node that writes most stands still for longer than its leases last."""
    starts = command("never-lost") if order.control else COMMAND
    with (
        servers.database() as database,
        _scene(servers, order, database, SHORT, FROZEN, starts) as scene,
    ):
        if order.control:
            [(source,)] = scene.house.query(mutants.APPEND_CHUNKS)
            scene.house.query(mutants.unfenced(source))
            [(source,)] = scene.house.query(mutants.FINISH_ANSWER)
            scene.house.query(mutants.unfenced_end(source))
        for _ in range(order.trials):
            _freeze(scene)
        said = f", {scene.stale} pieces from attempts of old"
        return scene.result(said)


def _freeze(scene: _Scene) -> None:
    readers = scene.readers(careless=False)
    node = scene.writer()
    node.child.send(SIGSTOP)
    died = time.monotonic()
    try:
        mine = "select count(*) from jobs where state = 'running' and lease_owner = %s"
        wait_until(
            lambda: scene.house.query(mine, node.name) == [(0,)],
            FROZEN,
            "another node takes over",
        )
        time.sleep(AHEAD)
        before = scene.house.query(STALE)[0][0]
    finally:
        node.child.send(SIGCONT)
    scene.judge(readers, died)
    stale = scene.house.query(STALE)[0][0] - before
    scene.stale += stale
    if stale:
        scene.faults.append(f"{stale} pieces were taken from an attempt of old")


DRILLS = (
    Drill(
        id="D4",
        promise="An answer whose writer is killed is begun again by another node.",
        run=killed,
        trials=5,
        quick=0,
        mutant="a client that does not heed that an answer has begun again",
        symptom="a reader shows",
        control_trials=1,
        seconds=260,
    ),
    Drill(
        id="D5",
        promise="A node that wakes up after its lease can write not a word more.",
        run=frozen,
        trials=5,
        quick=0,
        mutant="text and ends are taken without regard to their epoch",
        symptom="taken from an attempt of old",
        control_trials=2,
        seconds=200,
    ),
)
