"""Memory under a constant load: ``python -m tests.drills.soak --minutes 60``.

A node with RabbitMQ writes a constant number of answers, and every ten seconds
we note what it holds. What grows with time instead of with load is a leak.
"""

from __future__ import annotations

import argparse
import itertools
import json
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

from tests.drills.drill import Servers
from tests.drills.mutants import command
from tests.drills.mutants.soaking import OBJECTS
from tests.system.harness import House, Plan, text_of
from tests.system.people import Person
from tests.system.talking import Declined, Talk
from tests.system.websocket import Closed, Refused, Silent

Json = dict[str, Any]

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


def judge(samples: Sequence[Sample]) -> tuple[bool, str]:
    """Whether memory is flat once the node is warm: medians of the first and the last
    tenth of what is judged."""
    end = samples[-1].seconds
    warm = [one for one in samples if one.seconds >= end * WARM]
    tenth = max(len(warm) // 10, 1)
    first = statistics.median(one.rss_kb for one in warm[:tenth]) / 1024
    last = statistics.median(one.rss_kb for one in warm[-tenth:]) / 1024
    late = [one for one in samples if one.seconds >= end * 0.2]
    flat = last - first <= max(MOST_MB, first * MOST_SHARE)
    return flat, (
        f"{slope(late):+.2f} MB/h over the last 80 %,"
        f" medians {first:.1f} -> {last:.1f} MB,"
        f" open files {warm[0].open_files} -> {warm[-1].open_files},"
        f" objects {warm[0].objects} -> {warm[-1].objects}"
    )


def watch(house: House, streamers: Sequence[Streamer], seconds: float) -> list[Sample]:
    """Samples until the time is over; prints one a minute."""
    samples: list[Sample] = []
    counts = Path(os.environ[OBJECTS])
    began = time.monotonic()
    while (now := time.monotonic() - began) < seconds:
        answers = sum(one.finished for one in streamers)
        samples.append(sample(house["only"].child.process.pid, counts, now, answers))
        if len(samples) % 6 == 1:
            _say(f"{now / 60:5.1f} min  {samples[-1]}")
        time.sleep(max(began + len(samples) * EVERY - time.monotonic(), 0))
    return samples


def run(
    minutes: float, streams: int, *, leak: bool
) -> tuple[list[Sample], list[str], list[str]]:
    """The samples, what clients found wrong, and broken invariants."""
    node = "counting-leak" if leak else "counting"
    with (
        tempfile.NamedTemporaryFile() as counts,
        Servers() as servers,
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
        crowd = [Streamer(n, Person.sign_up(url)) for n in range(streams)]
        for one in crowd:
            one.start()
        samples = watch(house, crowd, minutes * 60)
        for one in crowd:
            one.stop()
        for one in crowd:
            one.join()
        time.sleep(3)  # the last rounds of upkeep
    return samples, [w for one in crowd for w in one.wrong], servers.violations


@contextmanager
def _environ(name: str, value: str) -> Iterator[None]:
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def main() -> int:
    """The exit status: 0 when memory stays flat and nothing is wrong."""
    arguments = _arguments()
    samples, wrong, broken = run(
        arguments.minutes, arguments.streams, leak=arguments.control
    )
    rows = [attrs.asdict(one) for one in samples]
    arguments.json.write_text(json.dumps(rows))
    flat, figure = judge(samples)
    _say(f"{arguments.streams} streams, {samples[-1].answers} answers: {figure}")
    for fault in (*wrong[:10], *broken[:10]):
        _say(f"    {fault}")
    passed = flat and not wrong and not broken
    if arguments.control:
        passed = not flat
    _say("pass" if passed else "FAIL")
    return 0 if passed else 1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.drills.soak")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--json", type=Path, default=Path("soak.json"))
    parser.add_argument(
        "--control", action="store_true", help="with a node that forgets nothing"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
