"""The double in a process of its own, for a server on this machine.

The server is told of it as it would be told of the real gateway. Port and keys are the
same in every life of a folder: payments are asked about where they were begun. Its page
is on the next port but one to the server's, so that it is found again.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Final
from urllib.parse import urlsplit

import attrs

from zimgpt.embedded import children
from zimgpt.embedded.children import Child
from zimgpt.embedded.server import PortTaken, check_port

IDS: Final = {"USD": 1201, "ZWG": 1202}
EMAIL: Final = "pay@localhost"
LOADING: Final = 60.0  # seconds; half a second on a quiet machine


@attrs.frozen
class Kept:
    """What is the same in every life of a folder; ``keys`` are by currency."""

    port: int
    keys: dict[str, str] = attrs.field(repr=False)


def kept(file: Path) -> Kept:
    """What the file says, which only its owner can read; made anew if it says nothing,
    or if another program has taken the port."""
    known: Kept | None = None
    with suppress(FileNotFoundError, ValueError, TypeError, KeyError):
        said = json.loads(file.read_text())
        keys = {merchant["currency"]: merchant["key"] for merchant in said["merchants"]}
        known = Kept(said["port"], keys)
    if known is not None and _free(known.port):
        return known
    new = {currency: secrets.token_hex(16) for currency in IDS}
    (port,) = children.free_ports(1)
    made = Kept(port, known.keys if known is not None else new)
    _write(file, made)
    return made


class Paynow:
    """The double's process."""

    def __init__(self, home: Path, server: str) -> None:
        self._file = home / "paynow.json"
        self._payments = home / "paynow.db"
        self._log = home / "paynow.log"
        self._server = server
        self._kept = kept(self._file)
        beside = (urlsplit(server).port or 0) + 2
        self._console = beside if _free(beside) else children.free_ports(1)[0]
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """Its process; there is none before ``start``."""
        assert self._child is not None
        return self._child

    @property
    def url(self) -> str:
        """Where the handset is shown."""
        return f"http://127.0.0.1:{self._console}/"

    @property
    def settings(self) -> dict[str, str]:
        """The server's variables for it."""
        said = {
            "ZIMGPT_PAYNOW_URL": f"http://127.0.0.1:{self._kept.port}",
            "ZIMGPT_PUBLIC_URL": self._server,
        }
        for currency, number in IDS.items():
            said[f"ZIMGPT_PAYNOW_{currency}_ID"] = str(number)
            said[f"ZIMGPT_PAYNOW_{currency}_KEY"] = self._kept.keys[currency]
            said[f"ZIMGPT_PAYNOW_{currency}_EMAIL"] = EMAIL
        return said

    def start(self) -> None:
        """Returns when it answers."""
        self._child = children.start(
            "The Paynow of this machine",
            [
                *(sys.executable, "-m", "zimgpt.embedded.paynow"),
                *("--port", str(self._kept.port)),
                *("--console", str(self._console)),
                *("--keys", self._file, "--file", self._payments),
            ],
            log=self._log,
        )
        self._child.until(self._answers, patience=LOADING)

    def stop(self) -> None:
        """Ends it; its payments are kept."""
        if self._child is not None:
            self._child.end(SIGTERM, SIGKILL, patience=2.0)
            self._child = None

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._console, timeout=1)
        try:
            connection.request("GET", "/control/state")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def _write(file: Path, made: Kept) -> None:
    merchants = [
        {"currency": currency, "id": number, "key": made.keys[currency], "email": EMAIL}
        for currency, number in IDS.items()
    ]
    said = {"port": made.port, "merchants": merchants}
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(said, out)
    new.rename(file)


def _free(port: int) -> bool:
    try:
        check_port(port)
    except PortTaken:
        return False
    return True
