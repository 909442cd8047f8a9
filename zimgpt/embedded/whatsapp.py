"""A WhatsApp on this machine, with a page that plays people's phones.

It is the Graph API's double of ``zimgpt.embedded.phone`` in a process of its own. The
server is told of it as it would be told of Meta's.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import attrs

from zimgpt.embedded.beside import Beside, near
from zimgpt.embedded.phone.people import DISPLAY, NUMBER
from zimgpt.embedded.private_files import keep

PATH = "/webhooks/whatsapp"
VERSION = "v25.0"


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
    keep(file, attrs.asdict(made))
    return made


class WhatsApp(Beside):
    """The double's process, which posts to ``server`` what people write.

    It listens beside the server, on the next port, so that its page is found again.
    """

    def __init__(self, home: Path, server: str, beside: int) -> None:
        self._file = home / "whatsapp.json"
        self._server = server
        self._keys = keys(self._file)
        self._port = near(beside + 1)
        super().__init__(
            "The WhatsApp of this machine",
            "zimgpt.embedded.phone",
            port=self._port,
            path="/control/state",
            log=home / "whatsapp.log",
        )

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
        """Returns when it answers; it looks for the server until that does, too.

        When it is stopped its chats are forgotten, and the accounts are not.
        """
        webhook = self._server + PATH
        self.run("--port", str(self._port), "--webhook", webhook, "--keys", self._file)
