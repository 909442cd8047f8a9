"""D43: ten thousand idle sockets and a flood of strangers who knock."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import attrs
import psutil

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.mutants import command
from tests.drills.watching import MIB, Health, Watch, memory, rest
from tests.system.harness import ROOT, House, Node, Plan
from tests.system.people import Person
from zimgpt.embedded.server import COMMAND

RATE = 1000  # connects a second
ROOM = 40  # connections beyond the crowd's
PASSING = 100  # that are being cut at any moment
LAG = 0.2
MOST = 2**30
RECOVERY = 10.0
MANY = 5_000  # idle sockets from which on a run is a full one


class Crowding:
    """The process of the crowd."""

    def __init__(self, port: int, token: str, many: int) -> None:
        module = [sys.executable, "-m", "tests.drills.crowding"]
        self._process = subprocess.Popen(
            [*module, str(port), token, str(many)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hear(self) -> dict[str, int]:
        """The next line that it says."""
        assert self._process.stdout is not None
        told: dict[str, int] = json.loads(self._process.stdout.readline())
        return told

    def say(self, line: str) -> dict[str, int]:
        """Tells it, and hears the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self.hear()

    def end(self) -> None:
        """Ends it, and closes its pipes."""
        self._process.kill()
        self._process.communicate()


@attrs.define
class _Found:
    """What a run has measured."""

    wanted: int
    slack: float = 1.0
    open: int = 0
    each: float = 0.0
    """Bytes of memory for each idle socket."""
    resident: int = 0
    tried: int = 0
    inside: int = 0
    lag: float = 0.0
    left: int = 0
    recovery: float = 0.0
    troubles: list[str] = attrs.Factory(list)

    def result(self) -> Result:
        """With every figure that is not as promised."""
        checks = {
            f"only {self.open} of {self.wanted} got in": self.open < self.wanted,
            f"{self.inside} strangers over the cap": self.inside > ROOM + PASSING,
            f"streams lagged {self.lag * 1000:.0f} ms": self.lag >= LAG * self.slack,
            f"{self.resident // MIB} MiB resident": self.resident >= MOST,
            f"{self.open - self.left} idle sockets lost": self.left < self.open,
            f"back after {self.recovery:.1f} s": self.recovery >= RECOVERY * self.slack,
        }
        wrong = [what for what, is_so in checks.items() if is_so]
        return Result(
            f"{self.open} idle, {self.each / 1024:.1f} KiB each,"
            f" {self.inside} of {self.tried} strangers inside at a time,"
            f" lag p99 {self.lag * 1000:.0f} ms, {self.resident // MIB} MiB,"
            f" back after {self.recovery:.1f} s",
            (*wrong, *self.troubles),
        )


def crowd(servers: Servers, order: Order) -> Result:
    """``trials`` is how many sockets are idle."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with servers.database() as database, _house(database, order) as house:
        node = house["one"]
        found = _Found(order.trials, order.slack)
        with Watch(node.url) as watch:
            before = memory(node)
            person = Person.sign_up(node.url)
            crowd = Crowding(node.port, person.token, order.trials)
            try:
                found.open = crowd.hear()["open"]
                found.each = (memory(node) - before) / max(found.open, 1)
                watch.forget()
                _flood(node, crowd, found, 10.0 if order.trials >= MANY else 2.0)
                found.lag = watch.lag
                found.resident = memory(node)
                found.recovery = _recovery(node.url, 2 * RECOVERY * order.slack)
                found.left = crowd.say("count")["open"]
            finally:
                crowd.end()
        rest(house)
        found.troubles += watch.troubles
        return found.result()


def _flood(node: Node, crowd: Crowding, found: _Found, seconds: float) -> None:
    """Counts at the node: its kernel tells strangers that they are in who only wait."""
    process = psutil.Process(node.child.process.pid)
    before = process.num_fds()

    def knock() -> None:
        found.tried = crowd.say(f"flood {RATE} {seconds}")["tried"]

    thread = threading.Thread(target=knock)
    thread.start()
    while thread.is_alive():
        found.inside = max(found.inside, process.num_fds() - before)
        thread.join(1)


def _recovery(url: str, patience: float) -> float:
    """Seconds until a newcomer is served."""
    began = time.monotonic()
    while time.monotonic() < began + patience:
        try:
            Health(url).ask()
        except (OSError, AssertionError):
            time.sleep(0.05)
        else:
            break
    return time.monotonic() - began


@contextmanager
def _house(database: str, order: Order) -> Iterator[House]:
    starts = command("open-door") if order.control else COMMAND
    with House(
        database,
        nodes=[Plan("one", command=starts)],
        sockets_per_account=100_000,
        connections=order.trials + ROOM,
        connections_per_address=20_000,
        connects_per_second=20_000,
        trusted_proxies="127.0.0.1",
    ) as house:
        yield house


DRILLS = (
    Drill(
        id="D43",
        promise="A crowd of idle sockets and a flood of connections hold nobody up.",
        run=crowd,
        trials=10_000,
        quick=200,
        mutant="everybody may connect",
        symptom="over the cap",
        control_trials=200,
        seconds=120,
    ),
)
