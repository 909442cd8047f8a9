"""WhatsApp's double, for tests: ``zimgpt.embedded.phone`` with a clock of its own."""

from __future__ import annotations

from random import Random

import attrs
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import Clock

from zimgpt.embedded.phone.acting import Acting, NothingThere
from zimgpt.embedded.phone.bodies import Update, signed, webhook
from zimgpt.embedded.phone.habits import Fault, Habits
from zimgpt.embedded.phone.people import NUMBER, Person
from zimgpt.embedded.phone.program import Phones, listen
from zimgpt.embedded.phone.webhooks import Latency, Webhooks
from zimgpt.embedded.phone.world import Bubble

__all__ = [
    "EPOCH",
    "NUMBER",
    "SECRET",
    "TOKEN",
    "Acting",
    "Bubble",
    "Fault",
    "Habits",
    "Latency",
    "NothingThere",
    "Person",
    "Phones",
    "Server",
    "Update",
    "Webhooks",
    "listen",
    "phones",
    "signed",
    "webhook",
]

SECRET = "zimgpt-app-secret"
TOKEN = "zimgpt-access-token"
EPOCH = 1_790_000_000.0


@attrs.define
class Server:
    """A callback that notes what is posted, and answers as it is told."""

    status: int = 200
    posts: list[tuple[bytes, str]] = attrs.Factory(list)

    async def post(self, body: bytes, signature: str) -> int:
        """Takes a webhook."""
        self.posts.append((body, signature))
        return self.status


def phones(
    server: Server | None = None, clock: IReactorTime | None = None, seed: int = 1
) -> Phones:
    """A WhatsApp that has shaken hands, on a clock that the test advances."""
    made = Phones(
        clock or Clock(),
        secret=SECRET,
        token=TOKEN,
        post=None if server is None else server.post,
        dice=Random(seed),
        epoch=EPOCH if clock is None else 0.0,
    )
    if server is not None:
        made.webhooks.handshaken()
    return made
