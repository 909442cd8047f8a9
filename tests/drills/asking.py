"""Clients that ask all the time, through whatever happens to the nodes.

Each repeats what was not acknowledged under the same id, and reads on where it was:
what a good client does after every reconnect.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from tests.system.harness import text_of
from tests.system.people import Person
from tests.system.talking import Declined, Shown, Talk
from tests.system.websocket import Closed, Refused, Silent

Json = dict[str, Any]

GONE = (Closed, Refused, Silent, OSError)
TURNS = 4  # questions of one conversation
PAUSE = 0.1  # seconds before a client tries again
AGAIN = 0.3  # of the reconnects repeat the question instead of reading on


@attrs.define
class Asked:
    """A question as its client knows it."""

    id: str
    message: Json
    words: int
    at: float
    shown: Shown | None = None
    seconds: float | None = None
    """From asking to the end; None as long as there is none."""

    @property
    def text(self) -> str:
        """What the answer must be."""
        return text_of(self.words)


class Asker:
    """One client, with one connection at a time to any of the nodes.

    ``patience`` is how many seconds it waits for one answer before it gives up.
    """

    def __init__(
        self, number: int, person: Person, urls: Sequence[str], patience: float
    ) -> None:
        self.number = number
        self.person = person
        self.asked: list[Asked] = []
        self.broken: BaseException | None = None
        self._urls = urls
        self._patience = patience
        self._over = threading.Event()
        self._random = random.Random(number)
        self._talk: Talk | None = None
        self._conversation: str | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begins to ask."""
        self._thread.start()

    def finish(self) -> None:
        """Asks nothing new; returns when the last answer has come or was given up."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                self._one(self._question())
        except BaseException as error:  # a drill tells what broke its client
            self.broken = error

    def _question(self) -> Asked:
        number = len(self.asked)
        words = self._random.randint(20, 40)
        id = f"{self.number}-{number}"
        message: Json = {"id": id, "text": f"Question {id}. words:{words} delay:10"}
        if number % 2:
            message["kind"] = "essay"
        elif self._conversation is not None and number % (2 * TURNS):
            message["conversation"] = self._conversation
        asked = Asked(id, message, words, time.monotonic())
        self.asked.append(asked)
        return asked

    def _one(self, asked: Asked) -> None:
        until = asked.at + self._patience
        while (left := until - time.monotonic()) > 0:
            try:
                self._go_on(asked, left)
            except GONE:
                self._talk = None
                time.sleep(PAUSE * self._random.random())
            except Declined as declined:
                if declined.code != "unavailable":
                    raise
                time.sleep(PAUSE)
            if asked.shown is not None and asked.shown.end is not None:
                asked.seconds = time.monotonic() - asked.at
                return

    def _go_on(self, asked: Asked, left: float) -> None:
        """Asks or reads on, as needed, and reads to the end."""
        talk = self._talk
        if talk is None:
            talk = self.person.at(self._random.choice(self._urls)).connect()
            if asked.shown is not None:
                asked.shown = self._come_back(talk, asked, asked.shown)
        self._talk = talk
        if asked.shown is None:
            asked.shown = talk.ask(**asked.message)
            if asked.message.get("kind") != "essay":
                self._conversation = asked.shown.accepted["conversation"]
        talk.finish(asked.shown, left)

    def _come_back(self, talk: Talk, asked: Asked, shown: Shown) -> Shown:
        """After a reconnect: reads on, or asks the same again, which reads it all."""
        if self._random.random() < AGAIN:
            return talk.ask(**asked.message)
        return talk.read(shown)


def crowd(
    size: int, urls: Sequence[str], sign_up: Callable[[], Person], patience: float
) -> list[Asker]:
    """Clients with an account each."""
    return [Asker(n, sign_up(), urls, patience) for n in range(size)]
