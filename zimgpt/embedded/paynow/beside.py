"""The double in a process of its own, for a server on this machine.

The server is told of it as it would be told of the real gateway. Port and keys are the
same in every life of a folder: payments are asked about where they were begun. Its page
is on the next port but one to the server's, so that it is found again.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import attrs

from zimgpt.embedded import children
from zimgpt.embedded.beside import Beside, free, near
from zimgpt.embedded.private_files import keep

IDS: Final = {"USD": 1201, "ZWG": 1202}
EMAIL: Final = "pay@localhost"


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
    if known is not None and free(known.port):
        return known
    new = {currency: secrets.token_hex(16) for currency in IDS}
    (port,) = children.free_ports(1)
    made = Kept(port, known.keys if known is not None else new)
    _write(file, made)
    return made


class Paynow(Beside):
    """The double's process; when it is stopped, its payments are kept."""

    def __init__(self, home: Path, server: str) -> None:
        self._file = home / "paynow.json"
        self._payments = home / "paynow.db"
        self._server = server
        self._kept = kept(self._file)
        self._console = near((urlsplit(server).port or 0) + 2)
        super().__init__(
            "The Paynow of this machine",
            "zimgpt.embedded.paynow",
            port=self._console,
            path="/control/state",
            log=home / "paynow.log",
        )

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
        ports = ("--port", str(self._kept.port), "--console", str(self._console))
        self.run(*ports, "--keys", self._file, "--file", self._payments)


def _write(file: Path, made: Kept) -> None:
    merchants = [
        {"currency": currency, "id": number, "key": made.keys[currency], "email": EMAIL}
        for currency, number in IDS.items()
    ]
    keep(file, {"port": made.port, "merchants": merchants})
