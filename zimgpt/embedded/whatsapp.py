"""A WhatsApp on this machine, with a page that plays people's phones.

It is the Graph API's double of ``zimgpt.embedded.phone`` in a process of its own. The
server is told of it as it would be told of Meta's.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import sys
from pathlib import Path
from signal import SIGKILL, SIGTERM

import attrs

from zimgpt.embedded import children
from zimgpt.embedded.children import Child
from zimgpt.embedded.phone.people import DISPLAY, NUMBER
from zimgpt.embedded.server import PortTaken, check_port

PATH = "/webhooks/whatsapp"
VERSION = "v25.0"
LOADING = 60.0  # seconds; half a second on a quiet machine


@attrs.frozen
class Keys:
    """What the server and its WhatsApp know each other by; the same in every life of a
    folder, for the server may still have to send what it had in its last one."""

    secret: str = attrs.field(repr=False)
    verify_token: str = attrs.field(repr=False)
    token: str = attrs.field(repr=False)


def keys(file: Path) -> Keys:
    """Those of the file, which only its owner can read; made if there are none."""
    try:
        return Keys(**json.loads(file.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        made = Keys(*(secrets.token_urlsafe(24) for _ in attrs.fields(Keys)))
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(attrs.asdict(made), out)
    new.rename(file)
    return made


def _free(port: int) -> bool:
    try:
        check_port(port)
    except (PortTaken, OverflowError):
        return False
    return True


class WhatsApp:
    """The double's process, which posts to ``server`` what people write.

    It listens beside the server, on the next port, so that its page is found again.
    """

    def __init__(self, home: Path, server: str, beside: int) -> None:
        self._file = home / "whatsapp.json"
        self._log = home / "whatsapp.log"
        self._server = server
        self._keys = keys(self._file)
        self._port = beside + 1 if _free(beside + 1) else children.free_ports(1)[0]
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """Its process; there is none before ``start``."""
        assert self._child is not None
        return self._child

    @property
    def url(self) -> str:
        """Where the phones are shown."""
        return f"http://127.0.0.1:{self._port}/"

    @property
    def settings(self) -> dict[str, str]:
        """The server's variables for it."""
        return {
            "ZIMGPT_WHATSAPP_PHONE_ID": NUMBER,
            "ZIMGPT_WHATSAPP_NUMBER": DISPLAY,
            "ZIMGPT_WHATSAPP_TOKEN": self._keys.token,
            "ZIMGPT_WHATSAPP_APP_SECRET": self._keys.secret,
            "ZIMGPT_WHATSAPP_VERIFY_TOKEN": self._keys.verify_token,
            "ZIMGPT_WHATSAPP_URL": self.url + VERSION,
        }

    def start(self) -> None:
        """Returns when it answers; it looks for the server until that does, too."""
        self._child = children.start(
            "The WhatsApp of this machine",
            [
                *(sys.executable, "-m", "zimgpt.embedded.phone"),
                *("--port", str(self._port), "--webhook", self._server + PATH),
                *("--keys", self._file),
            ],
            log=self._log,
        )
        self._child.until(self._answers, patience=LOADING)

    def stop(self) -> None:
        """Ends it; its chats are forgotten, and the accounts are not."""
        if self._child is not None:
            self._child.end(SIGTERM, SIGKILL, patience=2.0)
            self._child = None

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=1)
        try:
            connection.request("GET", "/control/state")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()
