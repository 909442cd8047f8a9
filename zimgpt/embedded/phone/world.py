"""What is true on this WhatsApp: people, chats, windows, quotas, tokens."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Callable
from random import Random
from typing import Any, Final

import attrs
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from zimgpt.embedded.phone import people
from zimgpt.embedded.phone.buckets import Pair, Throughput
from zimgpt.embedded.phone.files import Files
from zimgpt.embedded.phone.people import Person

WINDOW: Final = 24 * 3600.0
TYPING: Final = 25.0


@attrs.define
class Bubble:
    """One message in a chat, as the phone shows it; ``ours`` are the business's."""

    wamid: str
    at: float
    ours: bool
    kind: str
    content: dict[str, Any]
    state: str = ""
    reply_to: str | None = None
    opaque: str | None = None
    number: str = ""


@attrs.define
class Chat:
    """What passed between the business and one person."""

    bubbles: list[Bubble] = attrs.Factory(list)
    typing_until: float = 0.0
    heard_at: float | None = None
    pair: Pair = attrs.Factory(Pair)

    def bubble(self, wamid: str) -> Bubble | None:
        """The message of that id."""
        return next((b for b in self.bubbles if b.wamid == wamid), None)


class World:
    """Everything. ``epoch`` is what time it is when the clock says zero."""

    def __init__(
        self,
        clock: IReactorTime,
        dice: Random,
        *,
        token: str,
        numbers: dict[str, str] | None = None,
        epoch: float = 0.0,
    ) -> None:
        self.clock = clock
        self.dice = dice
        self.tokens = {token}
        self.numbers = numbers or {people.NUMBER: people.DISPLAY}
        self.epoch = epoch
        self.people: dict[str, Person] = {p.id: p for p in people.usual()}
        self.chats: dict[str, Chat] = defaultdict(Chat)
        self.throughput: dict[str, Throughput] = defaultdict(Throughput)
        self.files = Files(self.now, dice)
        self.sends: list[Bubble] = []
        self.refused = 0
        self._calls: set[IDelayedCall] = set()
        self._watchers: list[Callable[[str], None]] = []

    def now(self) -> float:
        """Unix seconds."""
        return self.epoch + self.clock.seconds()

    def later(self, seconds: float, act: Callable[..., None], *args: object) -> None:
        """Acts after a while, unless this world ends before."""

        def run() -> None:
            self._calls.discard(call)
            act(*args)

        call = self.clock.callLater(seconds, run)
        self._calls.add(call)

    def close(self) -> None:
        """Nothing happens any more."""
        for call in self._calls:
            call.cancel()
        self._calls.clear()

    def wamid(self) -> str:
        """A new id, like nothing before it."""
        word = base64.b64encode(self.dice.randbytes(24)).decode()
        return f"wamid.HBgM{word}"

    def add(self, person: Person) -> None:
        """Somebody gets a phone."""
        self.people[person.id] = person
        self.changed(person)

    def find(self, to: str, *, by_id: bool) -> Person | None:
        """Who is meant by a number, however it is written, or by an id."""
        digits = to.translate(str.maketrans("", "", "+ -()"))
        for person in self.people.values():
            if (person.bsuid if by_id else person.phone) == (to if by_id else digits):
                return person
        return None

    def open(self, person: Person) -> bool:
        """Whether they wrote within the last 24 hours."""
        heard = self.chats[person.id].heard_at
        return heard is not None and self.now() - heard < WINDOW

    def typing(self, person: Person) -> bool:
        """Whether the business is shown as typing to them."""
        return self.now() < self.chats[person.id].typing_until

    def put(self, person: Person, bubble: Bubble) -> None:
        """Shows a message in somebody's chat; ours ends our typing."""
        chat = self.chats[person.id]
        chat.bubbles.append(bubble)
        if bubble.ours:
            self.sends.append(bubble)
            chat.typing_until = 0.0
        self.changed(person)

    def watch(self, watcher: Callable[[str], None]) -> Callable[[], None]:
        """Calls with the id of whoever's chat changed; returns how to end that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def changed(self, person: Person) -> None:
        """Tells those who watch."""
        for watcher in list(self._watchers):
            watcher(person.id)
