"""D48 and D49: requests that servers disagree about, and bodies without end."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.mutants import command
from tests.drills.watching import MIB, memory
from tests.system.harness import House, Node, Plan
from zimgpt.embedded.server import COMMAND

HOST = b"Host: 127.0.0.1\r\n"
NEXT = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST /api/v1/sessions HTTP/1.1\r\n" + HOST
READ = 131_072  # bytes of a body that a server may take before it refuses
KERNEL = 8 * MIB  # that the two kernels hold meanwhile
GROWTH = 5 * MIB


@attrs.frozen
class Bad:
    """A request that must get one refusal, with one of these statuses."""

    name: str
    sent: bytes
    statuses: tuple[int, ...] = (400,)


REQUESTS = (
    Bad("501 headers", b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 501 + b"\r\n"),
    Bad("a line of 17 KiB", b"GET /" + b"x" * 17_000 + b" HTTP/1.1\r\n" + HOST),
    Bad("20 KiB of headers", b"GET / HTTP/1.1\r\nA: " + b"x" * 20_000 + b"\r\n\r\n"),
    Bad(
        "both lengths",
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    Bad("two lengths", POST + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\n"),
    Bad("a folded header", b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n c\r\n\r\n"),
    Bad(
        "an absolute address", b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n"
    ),
    Bad("HTTP/0.9", b"GET /\r\n\r\n"),
    Bad("TRACE", b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", (400, 405, 501)),
    Bad("no host", b"GET / HTTP/1.1\r\n\r\n"),
    Bad("two hosts", b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n"),
    Bad("a length with a sign", POST + b"Content-Length: +5\r\n\r\n"),
    Bad("a chunk of nonsense", POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
)
ENDS_IT = frozenset(one.name for one in REQUESTS) - {
    "TRACE",
    "no host",
    "two hosts",
    "an absolute address",
}
"""After these nothing more of the connection is believed."""

BODIES = (
    Bad("200 MiB", POST + b"Content-Length: 209715200\r\n\r\n", (413,)),
    Bad("chunks without end", POST + b"Transfer-Encoding: chunked\r\n\r\n", (413,)),
    Bad(
        "gzip",
        POST + b"Content-Encoding: gzip\r\nContent-Length: 40000\r\n\r\n",
        (415,),
    ),
)
CHUNK = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"


def requests(servers: Servers, order: Order) -> Result:
    """``trials`` times each request, with another one behind it."""
    wrong: list[str] = []
    with servers.database() as database, _house(database, order) as house:
        for _ in range(order.trials):
            for bad in REQUESTS:
                wrong += _judge(bad, house["one"])
        wrong += house.tracebacks()
    return Result(f"{order.trials * len(REQUESTS)} requests", tuple(wrong))


def _judge(bad: Bad, node: Node) -> Iterator[str]:
    said = _exchange(node.port, bad.sent + NEXT)
    statuses = [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]]
    if not statuses and bad.name == "HTTP/0.9":
        return  # has no statuses; closing is the answer
    if not statuses or statuses[0] not in bad.statuses:
        yield f"{bad.name}: answered {statuses}"
    elif len(statuses) > 1 and bad.name in ENDS_IT:
        yield f"{bad.name}: {len(statuses)} responses"


def bodies(servers: Servers, order: Order) -> Result:
    """``trials`` times each body."""
    wrong: list[str] = []
    most = 0
    with servers.database() as database, _house(database, order) as house:
        node = house["one"]
        _flood(node.port, BODIES[0])
        before = memory(node)
        for _ in range(order.trials):
            for bad in BODIES:
                status, sent = _flood(node.port, bad)
                most = max(most, sent)
                if status not in bad.statuses:
                    wrong.append(f"{bad.name}: {status} after {sent} bytes")
                elif sent > READ + KERNEL:
                    wrong.append(f"{bad.name}: {sent} bytes were taken")
        grown = memory(node) - before
        if grown > GROWTH:
            wrong.append(f"memory grew by {grown / MIB:.1f} MiB")
        wrong += house.tracebacks()
    figure = f"{order.trials * len(BODIES)} bodies, {most / 1024:.0f} KiB sent at most"
    return Result(f"{figure}, memory {grown / MIB:+.1f} MiB", tuple(wrong))


def _flood(port: int, bad: Bad) -> tuple[int | None, int]:
    """The status, and how much of the body was sent until it came."""
    with socket.create_connection(("127.0.0.1", port), 60) as one:
        one.sendall(bad.sent)
        one.setblocking(False)
        sent, left, said = 0, b"", b""
        until = time.monotonic() + 60
        while time.monotonic() < until and sent < 4 * KERNEL:
            try:
                said += one.recv(65_536)
                break
            except BlockingIOError:
                pass
            except OSError:
                break
            left = left or CHUNK
            try:
                count = one.send(left)
            except BlockingIOError:
                time.sleep(0.001)
                continue
            except OSError:
                continue
            sent, left = sent + count, left[count:]
            time.sleep(0.0005)
        return (int(said.split(b" ", 2)[1]) if said else None), sent


def _exchange(port: int, sent: bytes) -> bytes:
    """Everything that comes back before the server closes, or has no more to say."""
    with socket.create_connection(("127.0.0.1", port), 30.0) as one:
        said = b""
        try:
            one.sendall(sent)
            while more := one.recv(65_536):
                said += more
                one.settimeout(0.1)
        except OSError:
            pass
        return said


@contextmanager
def _house(database: str, order: Order) -> Iterator[House]:
    starts = command("obliging") if order.control else COMMAND
    with House(database, nodes=[Plan("one", command=starts)]) as house:
        yield house


DRILLS = (
    Drill(
        id="D48",
        promise="A request that can be read in two ways gets one refusal.",
        run=requests,
        trials=50,
        quick=1,
        mutant="headers are read as leniently as Twisted does",
        symptom="a folded header",
        control_trials=1,
        seconds=60,
    ),
    Drill(
        id="D49",
        promise="A body that is too large is refused before it has come.",
        run=bodies,
        trials=50,
        quick=2,
        mutant="bodies may have any size",
        symptom="200 MiB",
        control_trials=1,
        seconds=60,
    ),
)
