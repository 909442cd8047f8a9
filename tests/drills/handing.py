"""What systemd does for a socket unit: holds the socket, and hands it to each life.

``python -m tests.drills.handing PLACE COMMAND...`` asks the holder at PLACE for the
socket, and becomes the command with it.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from zimgpt.embedded import children

FIRST: Final = 3
"""The number of the first file that systemd hands over."""
LISTEN = "systemd:domain=INET:index=0"


class Holder:
    """A listening socket that outlives every node."""

    def __init__(self) -> None:
        (self.port,) = children.free_ports(1)
        self._listening = socket.create_server(
            ("127.0.0.1", self.port), backlog=socket.SOMAXCONN
        )
        self._folder = tempfile.TemporaryDirectory(prefix="zimgpt-socket-")
        self._place = Path(self._folder.name, "holder")
        self._asked = socket.socket(socket.AF_UNIX)
        self._asked.bind(str(self._place))
        self._asked.listen()
        threading.Thread(target=self._hand_over, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._asked.shutdown(socket.SHUT_RDWR)
        self._asked.close()
        self._listening.close()
        self._folder.cleanup()

    @property
    def url(self) -> str:
        """Where people come."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, object]:
        """What a node is told that listens here."""
        return {"listen": LISTEN, "origins": self.url}

    def given_to(self, *command: str | Path) -> tuple[str | Path, ...]:
        """The command that starts with the socket."""
        return (sys.executable, "-m", "tests.drills.handing", self._place, *command)

    def _hand_over(self) -> None:
        while True:
            try:
                asker, _ = self._asked.accept()
            except OSError:
                return
            with asker:
                socket.send_fds(asker, [b"!"], [self._listening.fileno()])


def main(place: str, command: list[str]) -> None:
    """Becomes the command."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(place)
        _, [number], _, _ = socket.recv_fds(asking, 1, 1)
        os.set_inheritable(number, True)
    os.dup2(number, FIRST)
    # As systemd does, and for all that share the socket, where no unit says otherwise.
    os.set_blocking(FIRST, True)
    os.environ |= {
        "LISTEN_PID": str(os.getpid()),
        "LISTEN_FDS": "1",
        "LISTEN_FDNAMES": "web",
    }
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
