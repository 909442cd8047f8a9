"""SOAK: memory under a constant load.

A node with RabbitMQ writes a constant number of answers, and every ten seconds
we note what it holds. What grows with time instead of with load is a leak.
"""

from __future__ import annotations

import itertools
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.mutants import command
from tests.drills.mutants.soaking import OBJECTS
from tests.system.harness import House, Plan, text_of, wait_until
from tests.system.people import Person
from tests.system.talking import Declined, Talk
from tests.system.websocket import Closed, Refused, Silent
from zimgpt.store import invariants

Json = dict[str, Any]

STREAMS = 50
REST = 30.0  # seconds after which nothing may be under way
EVERY = 10.0  # seconds between two samples
WORDS = (20, 60)
DELAY = 400  # ms between two words: many streams for little work
RECONNECT = 0.2  # of the answers are read on over another connection
TURNS = 6  # questions of one conversation
WARM = 1 / 6  # of the time is not judged: caches fill
MOST_MB, MOST_SHARE = 2.0, 0.03
GONE = (Closed, Refused, Silent, OSError)


@attrs.frozen
class Sample:
    """What the node holds at one moment."""

    seconds: float
    rss_kb: int
    open_files: int
    sockets: int
    objects: int
    """That the garbage collector watches."""
    answers: int
    """Finished so far."""


class Streamer:
    """One client that always has an answer under way, and sometimes reconnects."""

    def __init__(self, number: int, person: Person) -> None:
        self.finished = 0
        self.wrong: list[str] = []
        self._number = number
        self._person = person
        self._random = random.Random(number)
        self._conversation: str | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begins to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Asks nothing new."""
        self._over.set()

    def join(self) -> None:
        """Returns when the last answer has come."""
        self._thread.join()

    def _run(self) -> None:
        self._over.wait(self._random.uniform(0, 15))  # not all at once
        talk = None
        for turn in itertools.count():
            if self._over.is_set():
                return
            try:
                talk = self._one(turn, talk or self._person.connect())
            except GONE as error:
                self.wrong.append(f"client {self._number}: {error!r}")
                talk = None
                self._over.wait(1)
            except Declined as declined:
                self.wrong.append(f"client {self._number}: {declined.code}")
                self._over.wait(1)

    def _one(self, turn: int, talk: Talk) -> Talk:
        words = self._random.randint(*WORDS)
        more: Json = {}
        if turn % 2:
            more["kind"] = "essay"
        elif self._conversation is not None and turn % (2 * TURNS):
            more["conversation"] = self._conversation
        text = f"Question {turn}. words:{words} delay:{DELAY}"
        shown = talk.ask(f"{self._number}-{turn}", text, **more)
        if not turn % 2:
            self._conversation = shown.accepted["conversation"]
        if self._random.random() < RECONNECT:
            talk.until(lambda _: shown.seq > 3)
            talk.socket.drop()
            talk = self._person.connect()
            talk.read(shown)
        talk.finish(shown, 60)
        if shown.text != text_of(words):
            self.wrong.append(f"client {self._number}: {shown.text!r}")
        self.finished += 1
        talk.shown.clear()
        talk.heard.clear()
        talk.everything.clear()
        return talk


def sample(process: int, counts: Path, seconds: float, answers: int) -> Sample:
    """Looks at a process through the kernel, and at what it says of itself."""
    status = Path(f"/proc/{process}/status").read_text()
    [rss] = [line.split()[1] for line in status.splitlines() if "VmRSS" in line]
    names = [_target(entry) for entry in Path(f"/proc/{process}/fd").iterdir()]
    said = counts.read_text().strip() if counts.exists() else ""
    return Sample(
        seconds=round(seconds, 1),
        rss_kb=int(rss),
        open_files=len(names),
        sockets=sum(name.startswith("socket:") for name in names),
        objects=int(said or 0),
        answers=answers,
    )


def _target(entry: Path) -> str:
    try:
        return os.readlink(entry)
    except FileNotFoundError:  # closed meanwhile
        return ""


def slope(samples: Sequence[Sample]) -> float:
    """MB an hour by least squares."""
    if len(samples) < 2:
        return 0.0
    line = statistics.linear_regression(
        [one.seconds / 3600 for one in samples], [one.rss_kb / 1024 for one in samples]
    )
    return line.slope


def judge(samples: Sequence[Sample], wrong: Sequence[str]) -> Result:
    """Memory is flat once the node is warm, by the medians of the first and the last
    tenth of what is judged."""
    end = samples[-1].seconds
    warm = [one for one in samples if one.seconds >= end * WARM]
    tenth = max(len(warm) // 10, 1)
    first = statistics.median(one.rss_kb for one in warm[:tenth]) / 1024
    last = statistics.median(one.rss_kb for one in warm[-tenth:]) / 1024
    late = [one for one in samples if one.seconds >= end * 0.2]
    faults = [*wrong]
    if last - first > max(MOST_MB, first * MOST_SHARE):
        faults.append(f"memory grew from {first:.1f} to {last:.1f} MB")
    figure = (
        f"{STREAMS} streams, {samples[-1].answers} answers,"
        f" {slope(late):+.2f} MB/h over the last 80 %,"
        f" medians {first:.1f} -> {last:.1f} MB,"
        f" open files {warm[0].open_files} -> {warm[-1].open_files},"
        f" objects {warm[0].objects} -> {warm[-1].objects}"
    )
    return Result(figure, tuple(faults))


def watch(house: House, streamers: Sequence[Streamer], seconds: float) -> list[Sample]:
    """Samples until the time is over; tells one a minute, for it is long."""
    samples: list[Sample] = []
    counts = Path(os.environ[OBJECTS])
    began = time.monotonic()
    while (now := time.monotonic() - began) < seconds:
        answers = sum(one.finished for one in streamers)
        samples.append(sample(house["only"].child.process.pid, counts, now, answers))
        if len(samples) % 6 == 1:
            sys.stderr.write(f"{now / 60:5.1f} min  {samples[-1]}\n")
        time.sleep(max(began + len(samples) * EVERY - time.monotonic(), 0))
    return samples


def run(servers: Servers, order: Order) -> Result:
    """``trials`` is how many minutes it takes."""
    node = "counting-leak" if order.control else "counting"
    with (
        tempfile.NamedTemporaryFile() as counts,
        servers.database() as database,
        _environ(OBJECTS, counts.name),
        House(
            database,
            nodes=[Plan("only", command=command(node))],
            broker=servers.rabbitmq.vhost(),
            welcome_tokens=500_000_000,
        ) as house,
    ):
        url = house["only"].url
        crowd = [Streamer(n, Person.sign_up(url)) for n in range(STREAMS)]
        for one in crowd:
            one.start()
        samples = watch(house, crowd, order.trials * 60)
        for one in crowd:
            one.stop()
        for one in crowd:
            one.join()
        wait_until(
            lambda: not invariants.violations(house.database, at_rest=True), REST
        )
    return judge(samples, [fault for one in crowd for fault in one.wrong])


@contextmanager
def _environ(name: str, value: str) -> Iterator[None]:
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


DRILLS = (
    Drill(
        id="SOAK",
        promise="An hour of load that stays the same leaves memory the same.",
        run=run,
        trials=60,
        quick=0,
        mutant="a node that forgets no text",
        symptom="memory grew",
        control_trials=4,
        seconds=3_600,
    ),
)
