"""Requests that come at a steady rate whatever the server does, as webhooks do."""

from __future__ import annotations

import http.client
import json
import threading
import time
from urllib.parse import urlsplit

from tests.system.people import Person

PATIENCE = 40.0  # seconds
KEEPERS = 4
"""Visitors that keep their connection, as webhooks' senders do; the others connect for
every request."""


class Visitors:
    """``rate`` requests a second: half read a wallet, half commit a change."""

    def __init__(
        self, url: str, person: Person, conversation: str, rate: float, crowd: int = 20
    ) -> None:
        self.answered = 0
        self.slowest = 0.0
        self.wrong: list[str] = []
        self._url = urlsplit(url)
        self._person = person
        self._conversation = conversation
        self._every = crowd / rate
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._come, args=(n, crowd), daemon=True)
            for n in range(crowd)
        ]

    def start(self) -> None:
        """They begin to come."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Nobody comes any more; returns when all have had their answer."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _come(self, number: int, crowd: int) -> None:
        due = time.monotonic() + self._every * number / crowd
        kept = self._connection() if number < KEEPERS else None
        turn = number
        while not self._over.wait(max(due - time.monotonic(), 0)):
            self._visit(kept or self._connection(), turn, kept is not None)
            turn += 1
            due += self._every
        if kept is not None:
            kept.close()

    def _connection(self) -> http.client.HTTPConnection:
        assert self._url.hostname
        return http.client.HTTPConnection(
            self._url.hostname, self._url.port, timeout=PATIENCE
        )

    def _visit(
        self, connection: http.client.HTTPConnection, turn: int, keep: bool
    ) -> None:
        began = time.monotonic()
        fault = self._fault(connection, turn)
        with self._lock:
            self.answered += not fault
            self.slowest = max(self.slowest, time.monotonic() - began)
            if fault:
                self.wrong.append(f"a request: {fault}")
        if fault or not keep:
            connection.close()

    def _fault(self, connection: http.client.HTTPConnection, turn: int) -> str:
        headers = {"Authorization": f"Bearer {self._person.token}"}
        try:
            if turn % 2:
                connection.request("GET", "/api/v1/me", headers=headers)
            else:
                path = f"/api/v1/conversations/{self._conversation}"
                body = json.dumps({"title": f"visit {turn}"})
                headers["Content-Type"] = "application/json"
                connection.request("PATCH", path, body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            return f"{type(error).__name__}: {error}"
        return "" if answer.status < 300 else f"status {answer.status}"
