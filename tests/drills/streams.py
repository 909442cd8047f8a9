"""Many answers at once, each followed to its end by a client that loses its server.

Each asks one question. Told ``bye``, it comes back when it is asked to; cut off, at
once. It reads on where it was, or asks again what was not acknowledged.
"""

from __future__ import annotations

import base64
import hashlib
import random
import threading
import time
import uuid
from collections.abc import Sequence

import attrs

from tests.drills.asking import GONE
from tests.system.harness import House, text_of
from tests.system.people import Person, new_number
from tests.system.talking import Declined, Shown, Talk

SIGNED_IN = """
    with person as (select open_account(%s, 'no password', 1000000) as id)
    insert into sessions (id, user_id, token_digest, client, expires_at)
      select %s, id, %s, 'a drill', now() + interval '1 day' from person
"""
PAUSE = 0.2  # seconds before a client tries again
FAREWELL = 5.0  # seconds that a client waits at most after a bye


def people(house: House, number: int, url: str) -> list[Person]:
    """So many with a session each; passwords would take half a minute."""
    return [_person(house, url) for _ in range(number)]


def _person(house: House, url: str) -> Person:
    token = base64.urlsafe_b64encode(random.randbytes(32)).rstrip(b"=").decode()
    phone = new_number()
    digest = hashlib.sha256(token.encode()).digest()
    house.query(SIGNED_IN, f"+263{phone[1:]}", str(uuid.uuid4()), digest)
    return Person(url, phone, token)


class Stream:
    """One client and its answer."""

    def __init__(
        self, person: Person, urls: Sequence[str], words: int, delay: int
    ) -> None:
        self.shown: Shown | None = None
        self.connected = 0
        self.broken: BaseException | None = None
        self._urls = urls
        self._person = person
        self._words = words
        self._message = f"Tell {person.phone}. words:{words} delay:{delay}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._until = 0.0

    def start(self, patience: float) -> None:
        """Asks; gives up after so many seconds."""
        self._until = time.monotonic() + patience
        self._thread.start()

    def join(self) -> None:
        """Returns at its end."""
        self._thread.join()

    @property
    def begun(self) -> bool:
        """Whether there is some text."""
        return self.shown is not None and bool(self.shown.texts)

    def faults(self) -> list[str]:
        """What is wrong with what it shows."""
        if self.broken is not None:
            return [f"client broke: {self.broken!r}"]
        if self.shown is None:
            return ["lost: never accepted"]
        if self.shown.end is None:
            return [f"lost: no end of {self.shown.answer}"]
        if self.shown.text != text_of(self._words):
            return [f"{self.shown.answer} shows {self.shown.text!r}"]
        return []

    def _run(self) -> None:
        try:
            while time.monotonic() < self._until and not self._ended():
                try:
                    self._one()
                except GONE:
                    time.sleep(PAUSE * random.random())
                except Declined as declined:
                    if declined.code != "unavailable":
                        raise
                    time.sleep(PAUSE)
        except BaseException as error:  # a drill tells what broke its client
            self.broken = error

    def _ended(self) -> bool:
        return self.shown is not None and self.shown.end is not None

    def _one(self) -> None:
        """One connection."""
        talk = self._person.at(random.choice(self._urls)).connect()
        self.connected += 1
        if self.shown is None:
            self.shown = talk.ask("one", self._message)
        else:
            talk.read(self.shown)
        bye = self._listen(talk)
        talk.socket.drop()
        if bye:
            time.sleep(min(bye, FAREWELL) * random.random())

    def _listen(self, talk: Talk) -> float:
        """To the end, or to a bye, whose seconds are returned."""
        while not self._ended():
            message = talk.hear(max(self._until - time.monotonic(), 0.1))
            if message.get("type") == "bye":
                return float(message["retry"])
        return 0.0


@attrs.frozen
class Books:
    """What the database says of all answers."""

    again: int
    """Attempts that were not the first."""
    charged_twice: int


def books(house: House) -> Books:
    """Attempts and settlements."""
    [(again, twice)] = house.query(
        "select (select coalesce(sum(greatest(epoch - 1, 0)), 0) from answers),"
        " (select count(*) from (select idem_key from transfers"
        "   where kind = 'settle' group by idem_key having count(*) > 1) t)"
    )
    return Books(int(again), int(twice))
