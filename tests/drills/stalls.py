"""D44 and D34: readers who stop reading while half a megabyte is written for them."""

from __future__ import annotations

import select
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from tests.drills import gushing
from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.mutants import command
from tests.drills.mutants.clients import BRISK
from tests.drills.watching import Watch, memory, rest
from tests.system.harness import House, Node, Plan, wait_until
from tests.system.people import Person
from tests.system.talking import Shown, Talk
from zimgpt.embedded.server import COMMAND

UPSTREAM = (sys.executable, "-m", "tests.drills.gushing")
BUFFER = 262_144
CLOSED = 30.0
GRACE = 2.0  # seconds by which a drill may be late to look
LAG = 0.2
MANY = 50  # stalled readers from which on a run is a full one
FULL = """
    select count(*) from answers where state = 'complete' and octet_length(text) = %s
"""


@attrs.frozen
class _Stalled:
    """Somebody who reads no more."""

    person: Person
    talk: Talk
    shown: Shown

    @property
    def raw(self) -> socket.socket:
        """Its socket."""
        return self.talk.socket._socket


def stall(servers: Servers, order: Order) -> Result:
    """``trials`` is how many readers stop; the model takes some seconds to write."""
    return _run(servers, order, delay=10)


def gush(servers: Servers, order: Order) -> Result:
    """The same, with a model that writes as fast as it is let."""
    return _run(servers, order, delay=0)


def _run(servers: Servers, order: Order, delay: int) -> Result:
    full = order.trials >= MANY
    limit = CLOSED if full else BRISK
    with servers.database() as database, _house(database, order) as house:
        node = house["one"]
        with Watch(node.url) as watch:
            people = [Person.sign_up(node.url) for _ in range(order.trials)]
            usual = watch.lag
            before = memory(node)
            stalled = [_begin(person, delay) for person in people]
            began = time.monotonic()
            watch.forget()
            kept, queued, closed = _look(
                node,
                stalled,
                before,
                limit + (3 if order.control else 10 * order.slack),
            )
            lag = watch.lag
        whole = _whole(house, len(stalled))
        rest(house)
        wrong = [*watch.troubles, *_unread(stalled, whole)]
        took = max((one - began for one in closed), default=0.0)
        checks = {
            f"{kept / 1024:.0f} KiB kept for each": kept > BUFFER,
            f"{queued / 1024:.0f} KiB of one in the kernel": queued > BUFFER,
            f"{len(stalled) - len(closed)} not closed": len(closed) < len(stalled),
            f"the last was closed after {took:.1f} s": took
            > limit + GRACE * order.slack,
            f"others lagged {lag * 1000:.0f} ms, not {usual * 1000:.0f}": full
            and lag >= max(LAG, 2 * usual),
            f"{whole} of {len(stalled)} answers were finished": whole < len(stalled),
        }
        return Result(
            f"{len(closed)} closed within {took:.1f} s, {kept / 1024:.0f} KiB each"
            f" and {queued / 1024:.0f} in the kernel, {whole} answers whole and read"
            f" again, others' lag p99 {lag * 1000:.0f} ms",
            (*wrong, *(what for what, is_so in checks.items() if is_so)),
        )


def _begin(person: Person, delay: int) -> _Stalled:
    """Asks, hears that it is accepted, and reads not a byte more."""
    talk = person.connect()
    raw = talk.socket._socket
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    shown = talk.ask("much", f"words:{gushing.MANY} delay:{delay}")
    return _Stalled(person, talk, shown)


def _look(
    node: Node, stalled: Sequence[_Stalled], before: int, patience: float
) -> tuple[float, int, list[float]]:
    """Bytes kept for each and most of one in the kernel, and when each was closed."""
    poll = select.poll()
    for one in stalled:
        poll.register(one.raw.fileno(), 0)  # hang-ups are told without being asked
    kept = queued = 0
    closed: list[float] = []
    until = time.monotonic() + patience
    while len(closed) < len(stalled) and time.monotonic() < until:
        kept = max(kept, memory(node) - before)
        queued = max(queued, _queued(node.port))
        for number, _ in poll.poll(100):
            poll.unregister(number)
            closed.append(time.monotonic())
    return kept / len(stalled), queued, closed


def _queued(port: int) -> int:
    """The longest queue to any client of a port, as the kernel has it."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    return max(
        (
            int(fields[4].partition(":")[0], 16)
            for fields in lines[1:]
            if fields[1].endswith(f":{port:04X}") and fields[3] == "01"
        ),
        default=0,
    )


def _whole(house: House, many: int) -> int:
    """How many of the long answers were finished, which nobody reads."""
    size = len(gushing.text())

    def count() -> int:
        [(found,)] = house.query(FULL, size)
        return int(found)

    try:
        wait_until(lambda: count() == many, 60)
    except AssertionError:
        return count()
    return many


def _unread(stalled: Sequence[_Stalled], whole: int) -> Iterator[str]:
    """Whoever comes back reads the whole text, from where they were."""
    if whole < len(stalled):
        return
    for one in stalled[:10]:
        shown = one.person.connect().read(Shown(one.shown.answer))
    for one in stalled[:10]:
        talk = one.person.connect()
        shown = talk.finish(talk.read(one.shown))
        if shown.text != gushing.text():
            yield f"{len(shown.text)} characters were read again"


@contextmanager
def _house(database: str, order: Order) -> Iterator[House]:
    if order.control:
        starts = command("bottomless")
    else:
        starts = COMMAND if order.trials >= MANY else command("brisk")
    with House(
        database, nodes=[Plan("one", command=starts)], upstream=UPSTREAM
    ) as house:
        yield house


DRILLS = (
    Drill(
        id="D34",
        promise="A model faster than its reader fills no memory and loses no text.",
        run=gush,
        trials=50,
        quick=0,
        mutant="what is not read is kept without end",
        symptom="not closed",
        control_trials=10,
        seconds=90,
    ),
    Drill(
        id="D44",
        promise="Who stops reading is cut off, costs nobody else, and reads on later.",
        run=stall,
        trials=100,
        quick=5,
        mutant="what is not read is kept without end",
        symptom="not closed",
        control_trials=5,
        seconds=90,
    ),
)
