"""People who read while others misbehave, and what a node costs meanwhile."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import psutil

from tests.drills.figures import p95, p99
from tests.system.harness import House, Node, wait_until
from tests.system.people import Person, call
from tests.system.websocket import Closed, Silent
from zimgpt.store import invariants

TICK = 0.1
MIB = 2**20


class Watch:
    """Some people, each with one answer after the other on a socket.

    ``lag`` is the time by which a frame came later than a tick after the one before it.
    """

    def __init__(self, url: str, people: int = 4) -> None:
        self.lags: list[float] = []
        self.troubles: list[str] = []
        self._over = threading.Event()
        persons = [Person.sign_up(url) for _ in range(people)]
        self._threads = [
            threading.Thread(target=self._read, args=(one,), daemon=True)
            for one in persons
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        time.sleep(0.5)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def lag(self) -> float:
        """The 99th percentile, in seconds."""
        return p99(self.lags)

    def forget(self) -> None:
        """What was measured until now does not count."""
        self.lags.clear()

    def _read(self, person: Person) -> None:
        try:
            talk = person.connect()
            for number in range(1000):
                shown = talk.ask(f"w{number}", "words:60 delay:20")
                last: float | None = None
                while shown.end is None:
                    message = talk.hear()
                    now = time.monotonic()
                    if "t" in message:
                        if last is not None:
                            self.lags.append(max(now - last - TICK, 0.0))
                        last = now
                if self._over.is_set():
                    return
        except (Closed, Silent, OSError) as error:
            self.troubles.append(f"a well-behaved reader was cut: {error!r}")


class Health:
    """How long a node takes to say that it is there."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.waits: list[float] = []

    def ask(self, times: int = 1, pause: float = 0.0) -> float:
        """Asks so many times; the 95th percentile of all, in seconds."""
        for _ in range(times):
            began = time.monotonic()
            assert call(self._url, "GET", "/healthz").status == 200
            self.waits.append(time.monotonic() - began)
            time.sleep(pause)
        return p95(self.waits)

    def while_(self, act: Callable[[], object]) -> float:
        """Asks all the while that something is done, and a few times more."""
        done = threading.Event()

        def run() -> None:
            try:
                act()
            finally:
                done.set()

        thread = threading.Thread(target=run)
        thread.start()
        while not done.is_set():
            self.ask(pause=0.005)
        thread.join()
        return self.ask(5)


def rest(house: House) -> None:
    """Waits until nothing is under way; what never comes to rest is judged as it is."""
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not invariants.violations(house.database, at_rest=True), 20)


def memory(node: Node) -> int:
    """Bytes that a node's process has resident."""
    size: int = psutil.Process(node.child.process.pid).memory_info().rss
    return size
