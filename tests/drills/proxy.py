"""A wire with switches, between a node and the server that it relies on.

It stands in threads of the drill's process. Bytes can be delayed, held back while
nobody is told, or cut; and the answer to a statement can be lost, after the
server has carried it out.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

SIZE = 65_536
STEP = 0.05  # seconds between looks at whether a hole has healed
FAILED = ord("E")
"""How PostgreSQL's answer begins when the statement was not carried out."""

Doomed = Callable[[bytes], bool]


class Proxy:
    """Listens on a port, or as PostgreSQL's socket in a folder, and passes bytes on.

    ``target`` is a port of the loopback interface, or the path of a socket.
    """

    def __init__(self, target: int | Path, folder: Path | None = None) -> None:
        self.delay = 0.0
        """Seconds for which each packet is kept."""
        self.hole = False
        """Whether nothing arrives any more, either way, and nobody is told. What is
        under way arrives when it heals, as TCP does by sending it again."""
        self.doomed: Doomed = lambda _: False
        """Whether the answer to these bytes is to be lost, and the connection cut."""
        self.lost = 0
        """Answers that were: of statements that were carried out."""
        self._target = target
        self._wires: set[_Wire] = set()
        self._lock = threading.Lock()
        self._socket = _listening(folder)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _end(self._socket)
        self.cut()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def cut(self) -> None:
        """Ends all connections that there are; new ones can be made."""
        with self._lock:
            wires = tuple(self._wires)
        for wire in wires:
            wire.cut()

    def forget(self, wire: _Wire) -> None:
        """A wire has ended."""
        with self._lock:
            self._wires.discard(wire)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._socket.accept()
            except OSError:
                return
            try:
                far = _reach(self._target)
            except OSError:
                near.close()
                continue
            wire = _Wire(self, near, far)
            with self._lock:
                self._wires.add(wire)
            wire.start()


class _Wire:
    """One connection through a proxy, with a thread for each direction."""

    def __init__(self, proxy: Proxy, near: socket.socket, far: socket.socket) -> None:
        self._proxy = proxy
        self._near = near
        self._far = far
        self._is_doomed = False
        self._is_open = True

    def start(self) -> None:
        """Begins to pass bytes."""
        for work in (self._there, self._back):
            threading.Thread(target=work, daemon=True).start()

    def cut(self) -> None:
        """Ends both halves."""
        self._is_open = False
        self._proxy.forget(self)
        _end(self._near)
        _end(self._far)

    def _there(self) -> None:
        self._pass(self._near, self._far, self._looks_doomed)

    def _back(self) -> None:
        self._pass(self._far, self._near, self._loses)

    def _pass(self, source: socket.socket, sink: socket.socket, ends: Doomed) -> None:
        with suppress(OSError):
            while some := source.recv(SIZE):
                if self._proxy.delay:
                    time.sleep(self._proxy.delay)
                if ends(some):
                    break
                while self._proxy.hole and self._is_open:
                    time.sleep(STEP)
                sink.sendall(some)
        self.cut()

    def _looks_doomed(self, some: bytes) -> bool:
        self._is_doomed = self._proxy.doomed(some)
        return False

    def _loses(self, some: bytes) -> bool:
        """PostgreSQL commits before it says anything of such a statement."""
        if not self._is_doomed or some[0] == FAILED:
            return False
        self._proxy.lost += 1
        return True


def _listening(folder: Path | None) -> socket.socket:
    if folder is None:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
    else:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(folder / ".s.PGSQL.5432"))
    listening.listen(64)
    return listening


def _reach(target: int | Path) -> socket.socket:
    if isinstance(target, int):
        far = socket.create_connection(("127.0.0.1", target), 5.0)
    else:
        far = socket.socket(socket.AF_UNIX)
        far.settimeout(5.0)
        far.connect(str(target))
    far.settimeout(None)  # a wire on which nobody speaks is no broken one
    return far


def _end(one: socket.socket) -> None:
    """Wakes whoever waits for it, which closing alone would not."""
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
