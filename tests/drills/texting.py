"""People on WhatsApp who write question after question, and WhatsApp, which posts each
message until it is taken: now and then twice, and to any node."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from http.client import HTTPException

import attrs

from tests.system.harness import House, text_of
from tests.system.phone import Somebody, Telephony, body, new_wamid, post

TAKEN = 200
AGAIN = 0.2  # seconds before a message that was not taken is posted again
TWICE = 0.2  # of the messages come a second time
LOOKS = 0.5  # seconds between two looks at the phone

STORED = """
    select q.text, count(*), count(*) filter (where r.state = 'settled'),
           count(r.refunded), max(a.epoch), max(o.attempts)
      from questions q
      join answers a on a.id = q.answer_id
      left join reservations r on r.answer_id = a.id
      left join whatsapp_outgoing o on o.answer_id = a.id and o.message is not null
     group by q.text
"""


@attrs.define
class Written:
    """A message as the one who wrote it knows it."""

    text: str
    words: int
    at: float
    taken: bool = False
    seconds: float | None = None
    """From writing to the answer on the phone; None as long as there is none."""

    def answered_by(self, said: str) -> bool:
        """Whether this message of ours is its answer."""
        return said.startswith(text_of(self.words) + "\n")


class Texter:
    """One person; the next question is written when the last one is answered."""

    def __init__(
        self, number: int, someone: Somebody, urls: Sequence[str], patience: float
    ) -> None:
        self.someone = someone
        self.written: list[Written] = []
        self.broken: BaseException | None = None
        self._number = number
        self._urls = urls
        self._patience = patience
        self._random = random.Random(number)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begins to write."""
        self._thread.start()

    def finish(self) -> None:
        """Writes nothing new; returns when the last answer has come or was given up."""
        self._over.set()
        self._thread.join()

    def said(self) -> list[str]:
        """Everything that came to the phone."""
        return [body(bubble) for bubble in self.someone.bubbles()]

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                self._one()
        except BaseException as error:  # a drill tells what broke its client
            self.broken = error

    def _one(self) -> None:
        number = len(self.written)
        words = 10 + number
        text = f"Question {self._number}-{number}. words:{words} delay:10"
        written = Written(text, words, time.monotonic())
        self.written.append(written)
        update = self.someone.message(text, new_wamid())
        until = written.at + self._patience
        copies = 2 if self._random.random() < TWICE else 1
        while copies and time.monotonic() < until:
            status = 0
            with suppress(OSError, HTTPException):
                status = post(self._random.choice(self._urls), [update]).status
            if status == TAKEN:
                written.taken = True
                copies -= 1
            else:
                time.sleep(AGAIN)
        while time.monotonic() < until and written.seconds is None:
            if any(map(written.answered_by, self.said())):
                written.seconds = time.monotonic() - written.at
            else:
                time.sleep(LOOKS)


def texters(
    size: int, phones: Telephony, urls: Sequence[str], patience: float
) -> list[Texter]:
    """People who have written once before, so that they have accounts."""
    found = [phones.somebody() for _ in range(size)]
    for someone in found:
        someone.say("menu")
    for someone in found:
        someone.next()
    return [Texter(number, one, urls, patience) for number, one in enumerate(found)]


def lost_or_doubled(house: House, crowd: Sequence[Texter]) -> Iterator[str]:
    """What is wrong with messages that were taken; all must be at rest by now."""
    stored = {text: row for text, *row in house.query(STORED)}
    calls = Counter(
        request["messages"][-1]["content"] for request in house.upstream.requests()
    )
    for one in crowd:
        if one.broken is not None:
            yield f"a person broke: {one.broken!r}"
        said = one.said()
        for written in one.written:
            if not written.taken:
                continue
            name = written.text.partition(".")[0]
            questions, settled, refunded, epoch, attempts = stored.get(
                written.text, (0, 0, 0, 0, None)
            )
            came = sum(map(written.answered_by, said))
            if questions != 1 or came == 0:
                yield f"lost: {name} was asked {questions} times, {came} answers came"
            elif (settled, refunded) != (1, 0):
                yield f"{name}: {settled} settlements, {refunded} refunds"
            if came > 1 and attempts == 1:
                yield f"answered twice: {name}, though nothing was in doubt"
            if calls[written.text] > epoch:
                yield f"asked twice: {name} in {epoch} attempts"


def in_doubt(house: House) -> int:
    """Messages of ours that were tried more than once."""
    [(count,)] = house.query(
        "select count(*) from whatsapp_outgoing where attempts > 1"
    )
    return int(count)
