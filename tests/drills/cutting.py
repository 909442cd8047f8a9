"""Clients whose connection is cut again and again, and what that costs them."""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import attrs

from tests.system.people import Person
from tests.system.talking import Shown, Talk
from tests.system.websocket import Silent

SHORTEST, LONGEST = 0.1, 0.5
"""Seconds between two cuts."""

ON_THE_WAY = 128
"""Bytes of a piece that may be on its way at the last cut; of a short answer that is
much."""

POLL = 5.0
PATIENCE = 60.0


@attrs.define
class Tally:
    """What one client was sent of one answer."""

    name: str = ""
    cuts: int = 0
    sent: int = 0
    """Bytes of text."""
    lost: int = 0
    """Bytes that came too late to be heard; what of them was no text counts too."""
    text: str = ""
    whole: str = ""
    along: str = ""

    def look(self, name: str, whole: str, along: Shown) -> None:
        """Remembers what it should have been, and what another device shows."""
        self.name, self.whole, self.along = name, whole, along.text

    @property
    def again(self) -> float:
        """The share of the answer that was sent more than once."""
        size = len(self.whole.encode())
        return max(self.sent + self.lost - size, 0) / size

    def faults(self, most_again: float) -> list[str]:
        """What is wrong."""
        faults = []
        if self.text != self.whole:
            faults.append(f"{self.name}: text differs")
        if self.along != self.whole:
            faults.append(f"{self.name}: the other device's text differs")
        size = len(self.whole.encode())
        if self.again * size > most_again * size + ON_THE_WAY:
            faults.append(f"{self.name}: {self.again:.1%} of the answer sent again")
        return faults

    def __str__(self) -> str:
        size = len(self.whole.encode())
        return f"{self.cuts} cuts, {self.again:.2%} of {size} bytes sent again"


class Along:
    """Another device, which reads the same answer at the same time."""

    def __init__(self, person: Person, answer: str) -> None:
        self._talk = person.connect()
        self._shown = self._talk.read(Shown(answer))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._talk.finish(self._shown, PATIENCE)

    def shown(self) -> Shown:
        """What it shows at the end."""
        self._thread.join(PATIENCE)
        return self._shown


def cut_and_come_back(
    person: Person,
    answer: str,
    urls: Sequence[str],
    cuts: int,
    chance: random.Random,
    forgets: bool,
) -> Tally:
    """Reads over a websocket that breaks at moments of its own, each time anywhere."""
    tally, shown = Tally(), Shown(answer)
    while shown.end is None:
        talk = person.at(chance.choice(urls)).connect()
        if forgets:
            shown = Shown(answer)
        talk.read(shown)
        if tally.cuts < cuts:
            tally.cuts += _until_cut(talk, shown, chance)
            tally.lost += _unheard(talk)
            talk.socket.drop()
        else:
            talk.finish(shown, PATIENCE)
        tally.sent += sum(
            len(one["t"].encode()) for one in talk.everything if "t" in one
        )
    tally.text = shown.text
    return tally


def _until_cut(talk: Talk, shown: Shown, chance: random.Random) -> bool:
    """Hears until some moment; false if the answer ended first."""
    until = time.monotonic() + chance.uniform(SHORTEST, LONGEST)
    while shown.end is None and (left := until - time.monotonic()) > 0:
        try:
            talk.hear(left)
        except Silent:
            break
    return shown.end is None


def _unheard(talk: Talk) -> int:
    """Bytes that have arrived and that nobody has looked at, frames and all."""
    line = talk.socket._socket
    line.settimeout(0)
    try:
        waiting = len(line.recv(1 << 20))
    except OSError:
        waiting = 0
    return waiting + len(talk.socket._bytes)


def poll_and_come_back(
    person: Person,
    answer: str,
    urls: Sequence[str],
    cuts: int,
    chance: random.Random,
    forgets: bool,
) -> Tally:
    """The same by long polls, which are hung up on while they wait."""
    tally = Tally()
    epoch = seq = 0
    cut_at = time.monotonic() + chance.uniform(SHORTEST, LONGEST)
    while True:
        patience = PATIENCE
        if tally.cuts < cuts:
            patience = max(cut_at - time.monotonic(), 0.001)
        if forgets:
            epoch, seq, tally.text = 0, 0, ""
        path = f"/api/v1/answers/{answer}?epoch={epoch}&seq={seq}&wait={POLL}"
        body, unheard = _get(person, chance.choice(urls), path, patience)
        if body is None:
            tally.cuts += 1
            tally.lost += unheard
            cut_at = time.monotonic() + chance.uniform(SHORTEST, LONGEST)
            continue
        more = json.loads(body)
        tally.sent += len(more["text"].encode())
        tally.text = more["text"] if more["reset"] else tally.text + more["text"]
        epoch, seq = more["epoch"], more["seq"]
        if more.get("finish"):
            return tally


def _get(
    person: Person, url: str, path: str, patience: float
) -> tuple[bytes | None, int]:
    """A reply's body; None if it had not come in time, and what had come of it."""
    place = urlsplit(url)
    until = time.monotonic() + patience
    came = bytearray()
    with socket.create_connection((place.hostname or "", place.port or 0)) as line:
        head = f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n"
        line.sendall(f"{head}Authorization: Bearer {person.token}\r\n\r\n".encode())
        while (left := until - time.monotonic()) > 0:
            line.settimeout(left)
            try:
                some = line.recv(65_536)
            except TimeoutError:
                break
            if not some:
                return bytes(came).partition(b"\r\n\r\n")[2], 0
            came += some
    return None, _text_in(bytes(came).partition(b"\r\n\r\n")[2])


def _text_in(body: bytes) -> int:
    """Bytes of text in a reply; of half a one, all that there is."""
    try:
        return len(json.loads(body)["text"].encode())
    except ValueError:
        return len(body)
