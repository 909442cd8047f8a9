"""A crowd of idle websockets, and strangers who knock without end, in one process.

``python -m tests.drills.crowding PORT TOKEN COUNT`` opens COUNT idle sockets and says
``open N``; each line ``flood RATE SECONDS`` on its input is answered by what became of
that many connections a second; ``count`` by how many of the first are still open.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
import time
from itertools import count

from tests.system.websocket import Refused, WebSocket

GUESTS = "127.0.0.1"
STRANGERS = tuple(f"127.0.0.{n}" for n in range(2, 10))
PING, PONG, CLOSE = 0x89, 0x8A, 0x88
AT_ONCE = 100
RATHER = 500
"""Strangers after whom it is looked who was cut: a process may have so many files."""


class Crowd:
    """The idle sockets, which do what a browser's would: answer pings."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self._poll = select.epoll()
        self._here: dict[int, socket.socket] = {}
        self._kept: list[WebSocket] = []

    def __len__(self) -> int:
        return len(self._here)

    def open(self, many: int) -> None:
        """Opens them, one after the other."""
        for number in range(many):
            try:
                one = WebSocket(self._port, {"Authorization": f"Bearer {self._token}"})
            except (Refused, OSError):
                continue
            self._kept.append(one)
            raw = one._socket
            raw.setblocking(False)
            self._here[raw.fileno()] = raw
            self._poll.register(raw.fileno(), select.EPOLLIN)
            if number % AT_ONCE == 0:
                self.turn(0)

    def turn(self, wait: float) -> None:
        """Answers what has come."""
        for number, _ in self._poll.poll(wait, 1000):
            raw = self._here[number]
            try:
                said = raw.recv(4096)
            except BlockingIOError:
                continue
            except OSError:
                said = b""
            if not said or said[0] == CLOSE or not _answered(raw, said):
                self._poll.unregister(number)
                del self._here[number]


def _answered(raw: socket.socket, said: bytes) -> bool:
    """Whether a socket is still there; a ping has got its pong."""
    if said[0] != PING:
        return True
    try:
        raw.send(struct.pack("!BBI", PONG, 0x80 | said[1], 0) + said[2:])
    except OSError:  # cut meanwhile
        return False
    return True


class Strangers:
    """Connections that are made at a rate and stay as long as they may."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._held: list[socket.socket] = []
        self.tried = 0

    def knock(self, turn: int) -> None:
        """One more, from one of several addresses."""
        one = socket.socket()
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.tried += 1
        if self.tried % RATHER == 0:
            self._forget()
        try:
            one.bind((STRANGERS[turn % len(STRANGERS)], 0))
            one.connect_ex(("127.0.0.1", self._port))
        except OSError:
            one.close()
        else:
            self._held.append(one)

    def _forget(self) -> None:
        """Closes what was cut."""
        held, self._held = self._held, []
        for one in held:
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) or _is_cut(one):
                one.close()
            else:
                self._held.append(one)

    def leave(self) -> None:
        """All of them go."""
        for one in self._held:
            one.close()
        self._held.clear()


def _is_cut(one: socket.socket) -> bool:
    try:
        return one.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def flood(crowd: Crowd, port: int, rate: int, seconds: float) -> dict[str, int]:
    """Knocks for so long; the idle sockets go on answering pings."""
    strangers = Strangers(port)
    began = time.monotonic()
    for turn in count():
        due = began + turn / rate
        if due > began + seconds:
            break
        crowd.turn(0 if turn % 20 else max(due - time.monotonic(), 0))
        strangers.knock(turn)
    strangers.leave()
    return {"tried": strangers.tried}


def main(port: int, token: str, many: int) -> None:
    """Runs until its input ends."""
    crowd = Crowd(port, token)
    crowd.open(many)
    _say({"open": len(crowd)})
    while True:
        crowd.turn(0.05)
        if not select.select([sys.stdin], [], [], 0)[0]:
            continue
        line = sys.stdin.readline().split()
        match line:
            case []:
                return
            case ["flood", rate, seconds]:
                _say(flood(crowd, port, int(rate), float(seconds)))
            case _:
                _say({"open": len(crowd)})


def _say(told: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
