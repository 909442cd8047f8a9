"""Worlds that are wrong on purpose: a simulation must notice each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import attrs
from twisted.internet.defer import Deferred

from tests.fakes.memory import (
    Database,
    MemoryAnswers,
    MemoryDrafts,
    MemoryQuestions,
    Record,
)
from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Ending
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import Unavailable
from zimgpt.domain.essays.courses import Course, Task
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.drafts import Draft
from zimgpt.flows.following import Audience
from zimgpt.flows.ports import Asked, Ended, NewQuestion, Piece, Reading
from zimgpt.flows.relaying import PATIENCE, Relay
from zimgpt.flows.subscriptions import Subscription
from zimgpt.flows.writing import Writer


@contextmanager
def swapped(owner: type, name: str, other: object) -> Iterator[None]:
    """Another method for a while."""
    own = getattr(owner, name)
    setattr(owner, name, other)
    try:
        yield
    finally:
        setattr(owner, name, own)


def _unpaid(_db: Database, _line: Record, cost: int) -> Tokens:
    return Tokens(cost)


def settle_later() -> AbstractContextManager[None]:
    """An answer ends in one commit and is paid for in the next."""

    async def finish(
        self: MemoryDrafts,
        answer: AnswerId,
        epoch: int,
        text: str,
        ending: Ending,
        model: str,
    ) -> Ended | None:
        line = self.db.lines[answer]

        def end() -> Ended | None:
            if line.epoch != epoch or line.state.ended:
                return None
            with swapped(Database, "settle", _unpaid):
                return self.db.end(line, text, ending)

        ended = await self.db.commit("finish", end)
        await self.db.commit("settle", lambda: self.db.settle(line, ending.cost))
        return ended

    return swapped(MemoryDrafts, "finish", finish)


def accept_early() -> AbstractContextManager[None]:
    """A question is acknowledged, and then committed."""
    commit = MemoryQuestions.ask

    async def ask(self: MemoryQuestions, question: NewQuestion) -> Asked:
        committing = Deferred.fromCoroutine(commit(self, question))
        committing.addErrback(lambda why: why.trap(Unavailable))
        known = {
            (one.new.user, one.new.client_id): one for one in self.db.lines.values()
        }
        line = known.get((question.user, question.client_id))
        if line is not None:
            return self._asked("repeat", line)
        line = Record(question, question.conversation or question.new_conversation)
        return attrs.evolve(self._asked("accepted", line), job=question.job)

    return swapped(MemoryQuestions, "ask", ask)


def show_first() -> AbstractContextManager[None]:
    """Text is shown, and then stored."""
    append = Writer._append

    async def show_and_append(self: Writer, taken: list[tuple[Draft, Piece]]) -> None:
        self._audience.show([piece for _, piece in taken], [])
        await append(self, taken)

    return swapped(Writer, "_append", show_and_append)


def any_epoch() -> AbstractContextManager[None]:
    """A worker whose lease ran out writes on."""
    take = MemoryDrafts._take

    def take_all(self: MemoryDrafts, piece: Piece) -> bool:
        line = self.db.lines[piece.answer]
        late = attrs.evolve(piece, epoch=line.epoch, seq=line.last_seq + 1)
        return take(self, late if line.epoch else piece)

    return swapped(MemoryDrafts, "_take", take_all)


def end_again() -> AbstractContextManager[None]:
    """Whether an answer has ended already is not looked at."""

    def end(
        self: Database,
        line: Record,
        text: str,
        ending: Ending,
        job_state: str = "done",
    ) -> Ended | None:
        line.settled = None
        charged = self.settle(line, ending.cost)
        line.state, line.finish, line.job_state = (
            ending.state,
            ending.finish,
            job_state,
        )
        if text:
            line.last_seq += 1
            line.texts[line.epoch, line.last_seq] = text
        return Ended(charged, charged, line.last_seq)

    return swapped(Database, "end", end)


def give_once() -> AbstractContextManager[None]:
    """What the broker has lost is not given to it again."""

    async def sweep(self: Relay, patience: timedelta = PATIENCE) -> int:
        return 0

    return swapped(Relay, "sweep", sweep)


def anybodys() -> AbstractContextManager[None]:
    """An answer is read by whoever knows its id."""
    read = MemoryAnswers._read

    def read_any(
        self: MemoryAnswers, user: UserId, answer: AnswerId, *place: int
    ) -> Reading:
        line = self.db.lines.get(answer)
        return read(self, line.new.user if line else user, answer, *place)

    return swapped(MemoryAnswers, "_read", read_any)


def one_too_far() -> AbstractContextManager[None]:
    """A reader who comes back is given what follows the piece that it lacks."""
    read = Audience._read

    async def read_beyond(
        self: Audience, subscription: Subscription, epoch: int, seq: int
    ) -> tuple[int, Reading]:
        start, reading = await read(self, subscription, epoch, seq)
        if len(reading.pieces) > 1:
            reading = attrs.evolve(reading, pieces=reading.pieces[1:])
        return start, reading

    return swapped(Audience, "_read", read_beyond)


def say_twice() -> AbstractContextManager[None]:
    """A section that breaks off is written again from its beginning, below itself."""

    def begins(self: Course) -> Task | None:
        task = wanted(self)
        return None if task is None else attrs.evolve(task, begins=True)

    wanted = Course.next
    return swapped(Course, "next", begins)


MUTANTS: Mapping[str, Callable[[], AbstractContextManager[None]]] = {
    "settle-later": settle_later,
    "accept-early": accept_early,
    "show-first": show_first,
    "any-epoch": any_epoch,
    "end-again": end_again,
    "give-once": give_once,
    "anybodys": anybodys,
    "one-too-far": one_too_far,
    "say-twice": say_twice,
}
"""Each with the fault that it is, by name."""
