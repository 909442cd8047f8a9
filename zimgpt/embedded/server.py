"""The server itself, as `twistd` runs it everywhere, and its HTTP API from outside."""

from __future__ import annotations

import http.client
import json
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from signal import SIGKILL, SIGTERM

from zimgpt.embedded import children
from zimgpt.embedded.children import Child
from zimgpt.embedded.errors import CannotRun

COMMAND = (
    Path(sys.executable).with_name("twistd"),
    "--nodaemon",
    "--pidfile=",
    "zimgpt",
)
LOADING = 60.0  # seconds
DRAIN = 30.0  # seconds that answers under way may take to come to rest


class PortTaken(CannotRun):
    """Another program listens where the server is to."""


def check_port(port: int) -> None:
    """Raises PortTaken unless the server can listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} cannot be used: {error.strerror}. Choose another, for"
                f" example: ZIMGPT_PORT={8081 if port == 8080 else 8080}"
            ) from None


class Server:
    """One node on the loopback interface."""

    def __init__(
        self, port: int, *, log: Path, command: Sequence[str | Path] = COMMAND
    ) -> None:
        self._port = port
        self._log = log
        self._command = command
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """Its process; there is none before ``start``."""
        assert self._child is not None
        return self._child

    @property
    def url(self) -> str:
        """Where people open it."""
        return f"http://127.0.0.1:{self._port}"

    def start(self, environ: Mapping[str, str]) -> None:
        """Returns when it answers."""
        self._child = children.start(
            "The server", self._command, log=self._log, env=environ
        )
        self._child.until(self._answers, patience=LOADING)

    def stop(self, *, hurried: Callable[[], bool] = lambda: False) -> None:
        """Lets it drain, unless somebody is in a hurry."""
        if self._child is not None:
            self._child.end(SIGTERM, SIGKILL, patience=DRAIN, hurried=hurried)
            self._child = None

    def post(self, path: str, body: Mapping[str, object]) -> tuple[int, str]:
        """The status and the text of the answer."""
        return self._request("POST", path, json.dumps(body))

    def _answers(self) -> bool:
        try:
            return self._request("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def _request(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()
