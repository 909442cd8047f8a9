"""D42: whoever comes back gets exactly the rest, from any node, wherever they were.

One answer is read on from each place that it has, while it is written and when it has
ended, at the node that its asker is not connected to. Another is cut again and again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from tests.drills.cutting import (
    Along,
    Tally,
    cut_and_come_back,
    poll_and_come_back,
)
from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.mutants import command
from tests.system.harness import House, Plan, text_of
from tests.system.people import Person
from tests.system.talking import Declined, Shown, Talk
from zimgpt.embedded.server import COMMAND

NODES: Final = ("left", "right")
PACE: Final = 8  # ms between two words
TICK: Final = 50  # ms, so that a long answer has some hundred places
CALM: Final = 20  # ms between two words that shall not become one piece
FINEST: Final = 10  # ms; no node can be told to store more often
PATIENCE: Final = 60.0
MOST_WORDS: Final = 4_096  # of an essay
MOST_RECONNECTS: Final = 2
MOST_AGAIN: Final = 0.02
"""Of an answer's bytes, sent more than once."""

UNLIMITED: Final[dict[str, object]] = {
    "sockets_per_account": 10_000,
    "messages_per_minute": 1_000_000,
    "questions_per_minute": 1_000_000,
}


@contextmanager
def _house(
    servers: Servers, *, wrong: bool = False, tick: int = TICK
) -> Iterator[House]:
    starts = command("one-too-far") if wrong else COMMAND
    nodes = [Plan(name, settings=UNLIMITED, command=starts) for name in NODES]
    with (
        servers.database() as database,
        House(
            database,
            nodes=nodes,
            broker=servers.rabbitmq.vhost(),
            tick_ms=tick,
        ) as house,
    ):
        yield house


# ---- every place of one answer


@attrs.define
class _Places:
    """What readers made of one answer, from each place in it."""

    words: int
    texts: list[str] = attrs.Factory(list)
    """What each piece says; piece ``n`` ends at seq ``n + 1``."""
    tried: int = 0
    reconnects: int = 0
    faults: list[str] = attrs.Factory(list)

    @property
    def whole(self) -> str:
        """What the answer must be."""
        return text_of(self.words)

    def rest(self, seq: int) -> str:
        """What follows a place."""
        return self.whole[len("".join(self.texts[:seq])) :]

    def judge(self, what: str, shown: Shown, expected: str) -> None:
        """Takes note of one reader."""
        self.tried += 1
        if shown.text != expected or shown.resets:
            self.faults.append(
                f"{what}: text differs: {len(shown.text)} of {len(expected)} characters"
            )
        elif shown.end is None or shown.end["type"] != "done":
            self.faults.append(f"{what}: the end is {shown.end}")


def every_place(servers: Servers, order: Order) -> Result:
    """An answer of so many words as there are trials, read on from everywhere."""
    places = _Places(order.trials)
    with _house(servers, wrong=order.control) as house:
        left, right = (house[name].url for name in NODES)
        person = Person.sign_up(left)
        stranger = Person.sign_up(right)
        asking = person.connect()
        question = f"words:{order.trials} delay:{PACE}"
        shown = asking.ask("D42", question, kind="essay")
        readers = _live(asking, shown, person.at(right), places)
        for seq, reader, reading in readers:
            reader.finish(reading, PATIENCE)
            places.judge(f"live from {seq}", reading, places.rest(seq))
        places.judge("the asker", shown, places.whole)
        for url in (left, right):
            _finished(person.at(url), shown, places)
            _nowhere(person.at(url), stranger, shown, places)
    figure = (
        f"{places.tried} readers of {len(places.texts)} places,"
        f" {len(places.faults)} faults, at most {places.reconnects} reconnects"
    )
    return Result(figure, tuple(places.faults))


def every_word(servers: Servers, order: Order) -> Result:
    """The same when it has ended, of an answer that was stored word by word."""
    places = _Places(order.trials)
    with _house(servers, wrong=order.control, tick=FINEST) as house:
        left, right = (house[name].url for name in NODES)
        person = Person.sign_up(left)
        asking = person.connect()
        question = f"words:{order.trials} delay:{CALM}"
        shown = asking.ask("D42", question, kind="essay")
        until = time.monotonic() + 2 * PATIENCE + order.trials * CALM / 1000
        while shown.end is None and time.monotonic() < until:
            message = asking.hear(PATIENCE)
            if "t" in message:
                places.texts.append(message["t"])
        places.judge("the asker", shown, places.whole)
        for url in (left, right):
            _finished(person.at(url), shown, places)
    figure = (
        f"{places.tried} readers of {len(places.texts)} places in {order.trials} words,"
        f" {len(places.faults)} faults, at most {places.reconnects} reconnects"
    )
    return Result(figure, tuple(places.faults))


def _live(
    asking: Talk, shown: Shown, elsewhere: Person, places: _Places
) -> list[tuple[int, Talk, Shown]]:
    """At each place that the asker reaches, somebody comes back to it elsewhere."""
    readers = [_begin(elsewhere, shown, 0, places)]
    until = time.monotonic() + PATIENCE
    while shown.end is None and time.monotonic() < until:
        before = shown.seq
        message = asking.hear(PATIENCE)
        if "t" not in message:
            continue
        if shown.seq != before + 1:
            places.faults.append(f"a live frame from {before} to {shown.seq}")
        places.texts.append(message["t"])
        readers.append(_begin(elsewhere, shown, shown.seq, places))
    return readers


def _begin(
    person: Person, shown: Shown, seq: int, places: _Places
) -> tuple[int, Talk, Shown]:
    talk, reading = _read(person, Shown(shown.answer, 1, seq), places)
    if (reading.epoch, reading.seq) != (1, seq):
        places.faults.append(f"from {seq}: begins at {reading.epoch}, {reading.seq}")
    return seq, talk, reading


def _read(person: Person, from_here: Shown, places: _Places) -> tuple[Talk, Shown]:
    """Comes back as often as it must."""
    for again in range(10):
        places.reconnects = max(places.reconnects, again + 1)
        if again == MOST_RECONNECTS:
            places.faults.append(f"from {from_here.seq}: more than two reconnects")
        try:
            talk = person.connect()
            return talk, talk.read(from_here)
        except Declined as declined:
            if declined.code != "unavailable":
                raise
    raise AssertionError("ten reconnects")


def _finished(person: Person, shown: Shown, places: _Places) -> None:
    for seq in range(len(places.texts) + 1):
        _, talk, reading = _begin(person, shown, seq, places)
        talk.finish(reading, PATIENCE)
        talk.socket.drop()
        places.judge(f"finished from {seq}", reading, places.rest(seq))


def _nowhere(person: Person, stranger: Person, shown: Shown, places: _Places) -> None:
    """Places that never were are the beginning; others' answers are not there."""
    for epoch, seq in ((2, 1), (0, 5), (1, len(places.texts) + 1), (1, 2**31 - 1)):
        wrong = Shown(shown.answer, epoch, seq, ["what it thinks it has"])
        talk, reading = _read(person, wrong, places)
        talk.finish(reading, PATIENCE)
        places.judge(f"from {epoch}, {seq}", reading, places.whole)
    for seq in (0, 1, len(places.texts)):
        refusal = stranger.connect().request(
            type="read", answer=shown.answer, epoch=1, seq=seq
        )
        places.tried += 1
        if refusal.get("code") != "not_found":
            places.faults.append(f"a stranger was told {refusal}")


# ---- one answer, cut again and again


def many_cuts(servers: Servers, order: Order) -> Result:
    """So many cuts as there are trials, of a websocket and of long polls; another
    device of the same person reads along."""
    chance = random.Random(order.seed)
    # A cut about every 0.3 seconds, whatever the clients' own time between them.
    words = 60 * order.trials
    with _house(servers) as house:
        urls = [house[name].url for name in NODES]
        tallies: list[Tally] = []
        for name, come_back in (
            ("websocket", cut_and_come_back),
            ("polls", poll_and_come_back),
        ):
            person = Person.sign_up(urls[0])
            asked = person.connect().ask(name, f"words:{words} delay:10", kind="essay")
            along = Along(person.at(urls[1]), asked.answer)
            tally = come_back(
                person, asked.answer, urls, order.trials, chance, order.control
            )
            tallies.append(tally)
            tally.look(name, text_of(min(words, MOST_WORDS)), along.shown())
    told = "; ".join(f"{one.name}: {one}" for one in tallies)
    faults = [fault for one in tallies for fault in one.faults(MOST_AGAIN)]
    return Result(told, tuple(faults))


DRILLS = (
    Drill(
        id="D42",
        promise="An answer is read on from any place, live or finished, at any node.",
        run=every_place,
        trials=2_000,
        quick=150,
        mutant="a reader is given what follows the piece that it lacks",
        symptom="text differs",
        control_trials=150,
        seconds=60,
    ),
    Drill(
        id="D42-words",
        promise="However finely an answer was stored, it is read on from each piece.",
        run=every_word,
        trials=2_000,
        quick=0,
        mutant="a reader is given what follows the piece that it lacks",
        symptom="text differs",
        control_trials=50,
        seconds=90,
    ),
    Drill(
        id="D42-cuts",
        promise="An answer that is cut fifty times comes whole, and hardly a byte of"
        " it twice.",
        run=many_cuts,
        trials=50,
        quick=4,
        mutant="a client that reads from the beginning after each cut",
        symptom="sent again",
        control_trials=6,
        seconds=90,
    ),
)
