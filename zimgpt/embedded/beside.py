"""Programs of ours that run beside the server and answer it over HTTP on loopback."""

from __future__ import annotations

import http.client
import sys
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Final

from zimgpt.embedded import children
from zimgpt.embedded.children import Child
from zimgpt.embedded.server import PortTaken, check_port

LOADING: Final = 60.0  # seconds; half a second on a quiet machine
LEAVING: Final = 2.0  # seconds to end by itself


class Beside:
    """A module of ours, run as a process that is ready when ``path`` answers 200."""

    def __init__(
        self, name: str, module: str, *, port: int, path: str, log: Path
    ) -> None:
        self._name = name
        self._module = module
        self._port = port
        self._path = path
        self._log = log
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """Its process; there is none before ``run``."""
        assert self._child is not None
        return self._child

    def run(self, *arguments: str | Path) -> None:
        """Returns when it answers; raises ChildEnded or NotReady."""
        self._child = children.start(
            self._name, [sys.executable, "-m", self._module, *arguments], log=self._log
        )
        self._child.until(self._answers, patience=LOADING)

    def stop(self) -> None:
        """Ends it, if it was started."""
        if self._child is not None:
            self._child.end(SIGTERM, SIGKILL, patience=LEAVING)
            self._child = None

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=1)
        try:
            connection.request("GET", self._path)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def near(port: int) -> int:
    """This port of loopback where it is free, or else any that is."""
    return port if free(port) else children.free_ports(1)[0]


def free(port: int) -> bool:
    """Whether a program could listen there."""
    try:
        check_port(port)
    except (PortTaken, OverflowError):
        return False
    return True
