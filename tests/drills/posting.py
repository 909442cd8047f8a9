"""Clients that post question after question without waiting for their answers.

What the server refuses because something is away, or never answers, is posted again
under the same id, until it is accepted.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from http.client import HTTPException

import attrs

from tests.drills.figures import p99
from tests.system.harness import House, Json, text_of
from tests.system.people import Person, Reply

AWAY = 503
ACCEPTED = 202
PATIENCE = 30.0  # seconds for what is not accepted when all is over
AGAIN = 0.2  # seconds before a question that was not accepted is posted again

STORED = """
    select q.client_id, q.user_id, a.id::text, a.state, a.text, r.state,
           (select count(*) from transfers t where t.idem_key = 'settle:' || a.id),
           (select count(*) from jobs j where j.ref = a.id::text)
      from questions q
      join answers a on a.id = q.answer_id
      left join reservations r on r.answer_id = a.id
"""


@attrs.frozen
class Try:
    """One request: when it was sent, what came of it (0: nothing), and how soon."""

    at: float
    status: int
    seconds: float
    retry_after: str | None = None


@attrs.define
class Posted:
    """A question as the one who posts it knows it."""

    id: str
    words: int
    tries: list[Try] = attrs.field(factory=list)
    answer: str | None = None

    @property
    def message(self) -> Json:
        """What is posted."""
        text = f"Question {self.id}. words:{self.words} delay:20"
        return {"id": self.id, "text": text, "kind": "essay", "max_tokens": 256}


class Poster:
    """Posts a question every ``pause`` seconds, in a thread of its own."""

    def __init__(self, number: int, person: Person, pause: float) -> None:
        self.person = person
        self.posted: list[Posted] = []
        self.broken: BaseException | None = None
        self._number = number
        self._pause = pause
        self._over = threading.Event()
        self._until = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self, patience: float = PATIENCE) -> None:
        """Begins nothing new, and gives up what is not accepted in time."""
        self._until = time.monotonic() + patience
        self._over.set()

    def join(self) -> None:
        """Returns when the last one is accepted or given up."""
        self._thread.join()

    def read(self, posted: Posted) -> Json:
        """What the web says of an answer."""
        answer: Json = self.person.call("GET", f"/api/v1/answers/{posted.answer}").json
        return answer

    def new_id(self, posted: Posted) -> str:
        """Under which a question is posted again."""
        return posted.id

    def _run(self) -> None:
        try:
            while not self._over.wait(self._pause):
                self._one()
        except BaseException as error:  # a drill tells what broke its client
            self.broken = error

    def _one(self) -> None:
        number = len(self.posted)
        posted = Posted(f"{self._number}-{number}", 20 + number % 20)
        self.posted.append(posted)
        while posted.answer is None and not self._gives_up():
            reply = self._try(posted)
            if reply is not None and reply.status == ACCEPTED:
                posted.answer = reply.json["answer"]
            elif reply is not None and reply.status != AWAY:
                raise AssertionError(reply)
            else:
                posted.id = self.new_id(posted)
                time.sleep(AGAIN)

    def _gives_up(self) -> bool:
        return self._over.is_set() and time.monotonic() > self._until

    def _try(self, posted: Posted) -> Reply | None:
        began = time.monotonic()
        reply: Reply | None = None
        with suppress(OSError, HTTPException):
            reply = self.person.call("POST", "/api/v1/answers", posted.message)
        took = time.monotonic() - began
        status = reply.status if reply is not None else 0
        after = reply.headers.get("retry-after") if reply is not None else None
        posted.tries.append(Try(began, status, took, after))
        return reply


def posters(
    size: int,
    url: str,
    pause: float,
    kind: Callable[[int, Person, float], Poster] = Poster,
) -> list[Poster]:
    """Posters with an account each, begun."""
    found = [kind(number, Person.sign_up(url), pause) for number in range(size)]
    for one in found:
        one.start()
    return found


def finish(crowd: Sequence[Poster], patience: float = PATIENCE) -> None:
    """Stops them all; returns when each has."""
    for one in crowd:
        one.stop(patience)
    for one in crowd:
        one.join()


def tries(crowd: Sequence[Poster]) -> list[Try]:
    """All requests of all of them, in the order in which they were sent."""
    found = [each for one in crowd for posted in one.posted for each in posted.tries]
    return sorted(found, key=lambda each: each.at)


def accepting(crowd: Sequence[Poster]) -> float:
    """What one in a hundred accepted requests exceeds, in seconds."""
    return p99([each.seconds for each in tries(crowd) if each.status == ACCEPTED])


def lost_or_doubled(house: House, crowd: Sequence[Poster]) -> Iterator[str]:
    """What is wrong with answers that were accepted; all must have ended by now."""
    rows = house.query(STORED)
    stored = {row[2]: row for row in rows}
    for one in crowd:
        if one.broken is not None:
            yield f"a client broke: {one.broken!r}"
        for posted in one.posted:
            if posted.answer is None:
                yield f"{posted.id} was never accepted"
                continue
            row = stored.get(posted.answer)
            if row is None or row[3] != "complete":
                yield f"lost: {posted.id} is {row and row[3]}"
            elif row[4] != text_of(posted.words):
                yield f"{posted.id} has the text {row[4]!r}"
            elif row[5:] != ("settled", 1, 1):
                yield f"{posted.id} has hold, settlements, jobs {row[5:]}"
    yield from _doubled(house, crowd)


def _doubled(house: House, crowd: Sequence[Poster]) -> Iterator[str]:
    """A person's questions are those that the person has posted, once each."""
    posted = sum(one.answer is not None for each in crowd for one in each.posted)
    ((kept,),) = house.query("select count(*) from questions")
    if kept != posted:
        yield f"asked twice: {posted} were accepted, {kept} are stored"
    requests = Counter(
        body["messages"][-1]["content"] for body in house.upstream.requests()
    )
    again = sum(number > 1 for number in requests.values())
    ((attempts,),) = house.query("select count(*) from jobs where attempts > 1")
    if again > attempts:
        yield f"written twice: {again} answers in one attempt"
