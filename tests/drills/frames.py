"""D45 and D46: frames and messages that no decent client sends."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.mutants import command
from tests.drills.watching import MIB, Health, memory, rest
from tests.system.harness import House, Plan, text_of
from tests.system.people import Person
from tests.system.websocket import BINARY, CLOSE, PING, TEXT, Closed, Silent, WebSocket
from zimgpt.embedded.server import COMMAND

LARGEST = 65_536
ENDS = (1002, 1003, 1007, 1008, 1009, None)
GROWTH = 5 * MIB
STALL = 0.02
BUSY = 0.2  # the same beside other tests
MANY = 10  # rounds from which on a run is a full one
TRIES = 4  # a busy machine is slow at times, a node that stalls each time


def _raw(socket: WebSocket, data: bytes) -> None:
    try:
        socket._socket.sendall(data)
    except OSError:
        raise Closed(None) from None


def _fragments(socket: WebSocket, many: int) -> None:
    _raw(socket, struct.pack("!BBI", TEXT, 0x80, 0))
    for _ in range(many // 1000):
        _raw(socket, struct.pack("!BBI", 0, 0x80, 0) * 1000)


def _claim(socket: WebSocket) -> None:
    """A header of 100 MiB, and as many of them as the server takes of the first 25."""
    _raw(socket, struct.pack("!BBQI", 0x81, 0xFF, 100 * MIB, 0))
    for _ in range(400):
        _raw(socket, bytes(LARGEST))


def hostile(many: int) -> Mapping[str, Callable[[WebSocket], None]]:
    """Frames by name; ``many`` is how many fragments make a message."""
    return {
        "a byte too many": lambda s: s.send(b" " * (LARGEST + 1)),
        "100 MiB": _claim,
        "fragments": lambda s: _fragments(s, many),
        "unmasked": lambda s: _raw(s, b'\x81\x0f{"type":"ping"}'),
        "reserved bits": lambda s: _raw(s, struct.pack("!BBI", 0xF1, 0x80, 0)),
        "reserved opcode": lambda s: s.send_frame(3, b""),
        "binary": lambda s: s.send_frame(BINARY, b"{}"),
        "not UTF-8": lambda s: s.send(b'{"type":"\xff"}'),
        "a long ping": lambda s: s.send_frame(PING, bytes(126)),
        "a ping in parts": lambda s: s.send_frame(PING, b"", final=False),
        "a close code of one byte": lambda s: s.send_frame(CLOSE, b"\x03"),
    }


def frames(servers: Servers, order: Order) -> Result:
    """``trials`` rounds; in a full run a message has a million fragments."""
    wrong: list[str] = []
    many = 1_000_000 if order.trials >= MANY else 50_000
    with servers.database() as database, _house(database, order, "any-frame") as house:
        node = house["one"]
        person = Person.sign_up(node.url)
        wrong += _bad_frames(person, 1000)  # what the first time costs
        wrong.clear()
        before = memory(node)
        for _ in range(order.trials):
            wrong += _bad_frames(person, many)
            _floods(person, many // 50)
        grown = memory(node) - before
        if grown >= GROWTH:
            wrong.append(f"memory grew by {grown / MIB:.1f} MiB")
        talk = person.connect()
        if talk.finish(talk.ask("good", "words:3")).text != text_of(3):
            wrong.append("a good question was not answered")
        wrong += house.tracebacks()
        rest(house)
    rounds = order.trials * len(hostile(0))
    figure = f"{rounds} bad frames, memory {grown / MIB:+.1f} MiB"
    return Result(figure, tuple(wrong))


def _bad_frames(person: Person, many: int) -> Iterator[str]:
    for name, send in hostile(many).items():
        socket = person.connect().socket
        try:
            send(socket)
            socket.receive(20)
            yield f"{name}: answered"
        except Silent:
            yield f"{name}: not closed"
        except Closed as closed:
            if closed.code not in ENDS:
                yield f"{name}: closed with {closed.code}"


def _floods(person: Person, many: int) -> None:
    """Pings without end, unread, and sockets that close as soon as they are open."""
    talk = person.connect()
    try:
        for _ in range(many):
            talk.socket.send_frame(PING, b"x" * 100)
    except Closed:
        pass
    talk.socket.drop()
    for _ in range(many // 100):
        other = person.connect()
        other.socket.send_frame(CLOSE, struct.pack("!H", 1000))
        other.socket.drop()


ASK = '{"type":"ask","id":"1","text":%s}'
MESSAGES: Mapping[str, bytes] = {
    "nothing": b"",
    "cut off": b'{"type":"ask","id":"1","text":"hm',
    "deep lists": b"[" * 10_000 + b"]" * 10_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "keys twice": b'{"type":"read","type":"stop","answer":"x","answer":"y"}',
    "not a number": b'{"type":"read","answer":"x","epoch":NaN}',
    "10^400": b'{"type":"read","answer":"x","epoch":1' + b"0" * 400 + b"}",
    "1e400": b'{"type":"read","answer":"x","seq":1e400}',
    "half a character": (ASK % '"\\ud83d"').encode(),
    "U+0000": (ASK % '"a\\u0000b"').encode(),
    "raw U+0000": (ASK % '"a\0b"').encode(),
    "a long question": (ASK % json.dumps("x" * 60_000)).encode(),
}


def messages(servers: Servers, order: Order) -> Result:
    """``trials`` rounds over the websocket and over HTTP."""
    wrong: list[str] = []
    with servers.database() as database, _house(database, order, "gullible") as house:
        node = house["one"]
        person = Person.sign_up(node.url)

        def send() -> None:
            for _ in range(order.trials):
                wrong.extend(_bad_messages(person))

        stall = min(Health(node.url).while_(send) for _ in range(TRIES))
        full = order.trials >= MANY or order.control
        if stall >= (STALL if full else BUSY):
            wrong.append(f"the node stalled for {stall * 1000:.0f} ms")
        wrong += house.tracebacks()
    sent = TRIES * order.trials * (2 * len(MESSAGES) + 2)
    return Result(f"{sent} messages, p95 of others {stall * 1000:.1f} ms", tuple(wrong))


def _bad_messages(person: Person) -> Iterator[str]:
    talk = person.connect()
    for name, message in MESSAGES.items():
        try:
            talk.socket.send(message)
            code = talk.hear().get("code")
        except Closed:
            yield f"{name}: closed the socket"
            talk = person.connect()
        else:
            if code in (None, "internal"):
                yield f"{name}: {code} on the socket"
        status = person.call("POST", "/api/v1/answers", message).status
        if not 400 <= status < 500:
            yield f"{name}: {status} over HTTP"
    large = (ASK % json.dumps("x" * MIB)).encode()
    if (status := person.call("POST", "/api/v1/answers", large).status) != 413:
        yield f"a megabyte: {status} over HTTP"
    try:
        talk.socket.send(large)
        talk.hear()
        yield "a megabyte: answered"
    except Closed as closed:
        if closed.code not in ENDS:
            yield f"a megabyte: closed with {closed.code}"


@contextmanager
def _house(database: str, order: Order, mutant: str) -> Iterator[House]:
    starts = command(mutant) if order.control else COMMAND
    with House(database, nodes=[Plan("one", command=starts)]) as house:
        yield house


DRILLS = (
    Drill(
        id="D45",
        promise="No frame breaks the node, fills its memory or goes unanswered.",
        run=frames,
        trials=10,
        quick=1,
        mutant="frames and messages of any size and number",
        symptom="not closed",
        control_trials=1,
        seconds=90,
    ),
    Drill(
        id="D46",
        promise="No message is answered by a fault of ours, or holds anybody up.",
        run=messages,
        trials=20,
        quick=2,
        mutant="nested messages are decoded as they come",
        symptom="the node stalled",
        control_trials=1,
        seconds=60,
    ),
)
