"""D47: a thousand requests that come a byte a second, and never end."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.mutants import command
from tests.drills.mutants.clients import BRISK
from tests.drills.watching import Health
from tests.system.harness import House, Plan
from zimgpt.embedded.server import COMMAND

READ_WITHIN = 20.0
GRACE = 4.5  # seconds to the first byte, for the refusal to be read, and to look
MANY = 500  # connections from which on a run is a full one
FLOOR = 0.02  # seconds: what is quicker than that has no trouble
HEAD = b"GET / HTTP/1.1\r\nHost: zimgpt.example\r\n"
STARTS = (
    b"",  # half-open
    b"GET /",
    HEAD + b"X-Long: ",
    b"POST /api/v1/sessions HTTP/1.1\r\nHost: zimgpt.example\r\n"
    b"Content-Length: 60000\r\n\r\n{",
)


def drip(servers: Servers, order: Order) -> Result:
    """``trials`` is how many connections drip."""
    full = order.trials >= MANY
    within = (READ_WITHIN if full else BRISK) + GRACE * order.slack
    with servers.database() as database, _house(database, order) as house:
        node = house["one"]
        usual = Health(node.url).ask(40)
        health = Health(node.url)
        dripping = Dripping(node.port, order.trials)
        busy = health.while_(lambda: dripping.last(within))
        left = dripping.left()
        dripping.end()
        checks = {
            f"{left} still there after {within:.0f} s": left > 0,
            f"p95 went from {usual * 1000:.0f} to {busy * 1000:.0f} ms": full
            and busy > max(2 * usual, FLOOR),
        }
        return Result(
            f"{order.trials - left} of {order.trials} dropped within {within:.0f} s,"
            f" p95 of others {usual * 1000:.1f} -> {busy * 1000:.1f} ms",
            tuple(what for what, is_so in checks.items() if is_so),
        )


class Dripping:
    """The connections."""

    def __init__(self, port: int, many: int) -> None:
        self._poll = selectors.DefaultSelector()
        self._open: set[socket.socket] = set()
        for number in range(many):
            one = socket.create_connection(("127.0.0.1", port))
            one.sendall(STARTS[number % len(STARTS)])
            one.setblocking(False)
            self._open.add(one)
            self._poll.register(one, selectors.EVENT_READ)

    def last(self, seconds: float) -> None:
        """A byte a second for so long, or until all have been dropped."""
        until = time.monotonic() + seconds
        while self._open and (left := until - time.monotonic()) > 0:
            self._hear(min(left, 1.0))
            for one in tuple(self._open):
                try:
                    one.send(b"x")
                except OSError:
                    self._drop(one)

    def left(self) -> int:
        """How many the server has not dropped."""
        return len(self._open)

    def end(self) -> None:
        """All of them go."""
        for one in tuple(self._open):
            self._drop(one)

    def _hear(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for key, _ in self._poll.select(left):
                one = key.fileobj
                assert isinstance(one, socket.socket)
                try:
                    if not one.recv(65_536):
                        self._drop(one)
                except OSError:
                    self._drop(one)

    def _drop(self, one: socket.socket) -> None:
        self._poll.unregister(one)
        self._open.discard(one)
        one.close()


@contextmanager
def _house(database: str, order: Order) -> Iterator[House]:
    if order.control:
        starts = command("patient")
    else:
        starts = COMMAND if order.trials >= MANY else command("brisk")
    with House(database, nodes=[Plan("one", command=starts)]) as house:
        yield house


DRILLS = (
    Drill(
        id="D47",
        promise="A request that drips is dropped in time, and delays nobody else's.",
        run=drip,
        trials=1000,
        quick=40,
        mutant="each byte gives a request more time",
        symptom="still there",
        control_trials=40,
        seconds=60,
    ),
)
