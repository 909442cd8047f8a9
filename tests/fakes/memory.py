"""Questions, jobs, drafts and answers in memory, as the ports promise them.

The rules are those of ``store/schema``: epochs only rise, a piece is taken at its
place or not at all, an answer ends once, and a hold is settled in the commit that
ends it. How well the database can be reached is up to the test.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Iterator,
    Mapping,
    Sequence,
)
from datetime import timedelta
from itertools import count
from typing import TypeVar

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Ending, Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId, Remembered, Turn
from zimgpt.domain.errors import NotFound, Unavailable
from zimgpt.domain.ledger import Price, Terms, Tokens, Usage
from zimgpt.domain.questions import Kind, Message
from zimgpt.flows.ports import (
    Asked,
    Claim,
    End,
    Ended,
    NewQuestion,
    NoSuchNode,
    NotPublished,
    Piece,
    Progress,
    Prospect,
    Reading,
    Report,
    Sink,
)

T = TypeVar("T")

LEASE = 30.0
HOLD = 900.0
"""Seconds for which a hold waits for somebody to do its job."""
MOST_ATTEMPTS = 5
REMEMBERED = 40
"""Turns that are looked at for a window."""
PRICE = Price("model", 1_000, 1_000)
"""One token of ours for each of the model's."""

ANN = UserId(1)
BEN = UserId(2)

LONG_AGO = -1e9
"""When the broker was given a job that it ought to be given at once."""


@attrs.define
class Record:
    """An answer with its question, hold and job."""

    new: NewQuestion
    conversation: ConversationId
    epoch: int = 0
    last_seq: int = 0
    state: State = State.QUEUED
    finish: Finish | None = None
    model: str = ""
    usage: Usage | None = None
    settled: Tokens | None = None
    stop_requested: bool = False
    texts: dict[tuple[int, int], str] = attrs.Factory(dict)
    job_state: str = "queued"
    attempts: int = 0
    owner: str = ""
    lease_until: float = 0.0
    run_after: float = 0.0
    published_at: float = 0.0
    expires_at: float = HOLD
    outbox: int = 0
    confirmed: bool = False
    told: bool = False
    settlements: int = 0
    last_error: str = ""
    words: int | None = None
    memory: Tokens | None = None
    replaced_by: AnswerId | None = None

    @property
    def text(self) -> str:
        """What the present epoch has written."""
        return self.text_of(self.epoch)

    def text_of(self, epoch: int) -> str:
        """What one epoch has written."""
        return "".join(
            text for (of, _), text in sorted(self.texts.items()) if of == epoch
        )


@attrs.define
class Database:
    """What is stored, and how well it can be reached."""

    clock: Clock = attrs.Factory(Clock)
    balances: dict[UserId, int] = attrs.Factory(lambda: {ANN: 100_000, BEN: 100_000})
    lines: dict[AnswerId, Record] = attrs.Factory(dict)
    prices: tuple[Price, ...] = (PRICE,)
    deleted: set[ConversationId] = attrs.Factory(set)
    erased: set[ConversationId] = attrs.Factory(set)
    rows: Iterator[int] = attrs.Factory(lambda: count(7))
    """Numbers of outbox rows."""
    memories: dict[ConversationId, tuple[AnswerId, str]] = attrs.Factory(dict)
    """Up to which answer each reaches, and what it says."""
    turns: dict[str, float] = attrs.Factory(dict)
    """When a round of upkeep was last taken."""
    away: bool = False
    most_open: int = 1_000
    outage: int = 0
    """Calls that fail from now on, as if it were away."""
    broken: set[str] = attrs.Factory(set)
    """Calls that fail as no call should."""
    unheard: list[str] = attrs.Factory(list)
    """Calls that commit, once each, and whose reply is lost."""
    calls: list[str] = attrs.Factory(list)
    _requests: dict[str, list[Deferred[None]]] = attrs.Factory(
        lambda: defaultdict(list)
    )
    _replies: dict[str, list[Deferred[None]]] = attrs.Factory(lambda: defaultdict(list))

    def hold_request(self, call: str) -> Deferred[None]:
        """Keeps the next such call on its way until the returned one is fired."""
        gate: Deferred[None] = Deferred()
        self._requests[call].append(gate)
        return gate

    def hold_reply(self, call: str) -> Deferred[None]:
        """Commits the next such call at once, and keeps its reply on the way."""
        gate: Deferred[None] = Deferred()
        self._replies[call].append(gate)
        return gate

    def quicken(self) -> None:
        """Nothing that is still to come will be slow."""
        self._requests.clear()
        self._replies.clear()

    async def commit(self, call: str, effect: Callable[[], T]) -> T:
        """One call: its way there, its effect, its way back."""
        self.calls.append(call)
        if self._requests[call]:
            await self._requests[call].pop(0)
        if self.away or self.outage:
            self.outage = max(self.outage - 1, 0)
            raise Unavailable
        if call in self.broken:
            raise ZeroDivisionError(call)
        result = effect()
        if call in self.unheard:
            self.unheard.remove(call)
            raise Unavailable
        if self._replies[call]:
            await self._replies[call].pop(0)
            if self.away:
                raise Unavailable
        return result

    def of_job(self, job: str) -> Record | None:
        """The line of a job."""
        return next((one for one in self.lines.values() if one.new.job == job), None)

    def end(
        self, line: Record, text: str, ending: Ending, job_state: str = "done"
    ) -> Ended | None:
        """``finish_answer``: text, settlement and job, whole."""
        if line.state.ended:
            return None
        if text:
            line.last_seq += 1
            line.texts[line.epoch, line.last_seq] = text
        charged = self.settle(line, ending.cost)
        line.state, line.finish = ending.state, ending.finish
        line.usage = ending.usage
        line.words, line.memory = ending.words, ending.memory
        line.job_state, line.owner = job_state, ""
        if ending.state in (State.FAILED, State.REFUSED) or not line.text:
            self.give_place_back(line)
        balance = Tokens(self.balances[line.new.user])
        return Ended(charged, balance, line.last_seq)

    def first_replaced(self, answer: AnswerId) -> AnswerId:
        """The turn whose place is taken from who replaces this one."""
        before = self.lines[answer].new.replaces
        if before is None or self.lines[before].replaced_by is not None:
            return answer
        return self.first_replaced(before)

    def from_place(self, new: NewQuestion) -> list[Record]:
        """What a question takes the place of: nothing, mostly."""
        if new.replaces is None:
            return []
        first = self.lines.get(new.replaces)
        if first is None or (first.new.user, first.conversation) != (
            new.user,
            new.conversation,
        ):
            return []
        known = list(self.lines)
        since = known.index(self.first_replaced(new.replaces))
        return [
            self.lines[one]
            for one in known[since:]
            if self.lines[one].conversation == new.conversation
        ]

    def give_place_back(self, line: Record) -> None:
        """What ended without an answer makes room for what it replaced."""
        for one in self.lines.values():
            if one.replaced_by == line.new.answer:
                one.replaced_by = None

    def settle(self, line: Record, cost: int) -> Tokens:
        """Closes a hold: the cost is spent and the rest goes back, once."""
        if line.settled is None:
            hold = line.new.terms.hold
            line.settled = Tokens(min(max(cost, 0), hold))
            line.settlements += 1
            self.balances[line.new.user] += hold - line.settled
        return line.settled

    def fail(self, line: Record, finish: Finish, job_state: str = "dead") -> None:
        """Ends an answer that nobody will write; its hold is released."""
        free = Ending(State.FAILED, finish, None, Tokens(0))
        self.end(line, "", free, job_state)

    def idle(self, line: Record) -> bool:
        """Whether no living worker has the job."""
        now = self.clock.seconds()
        return line.job_state == "queued" or (
            line.job_state == "running" and line.lease_until < now
        )


@attrs.define
class MemoryQuestions:
    """``ports.Questions``."""

    db: Database

    async def prospect(
        self,
        user: UserId,
        conversation: ConversationId | None,
        models: Sequence[str],
        replaces: AnswerId | None = None,
    ) -> Prospect:
        """Balance, prices and turns."""

        def effect() -> Prospect:
            turns = self._turns(user, conversation)
            if conversation is not None and not turns:
                raise NotFound("There is no such conversation.")
            memory = self.db.memories.get(conversation or ConversationId(""))
            if replaces in self.db.lines:
                known = list(self.db.lines)
                place = known.index(self.db.first_replaced(replaces))
                turns = [one for one in turns if known.index(one.new.answer) < place]
                if memory is not None and known.index(memory[0]) >= place:
                    memory = None
            return Prospect(
                Tokens(self.db.balances[user]),
                tuple(price for price in self.db.prices if price.model in models),
                self._uncovered(turns, memory)[-REMEMBERED:],
                None if memory is None else memory[1],
            )

        return await self.db.commit("prospect", effect)

    def _turns(
        self,
        user: UserId,
        conversation: ConversationId | None,
        kind: Kind = Kind.CHAT,
    ) -> list[Record]:
        return [
            one
            for one in self.db.lines.values()
            if (one.new.user, one.conversation) == (user, conversation)
            and one.new.kind is kind
            and conversation not in self.db.deleted
        ]

    def _uncovered(
        self, lines: list[Record], memory: tuple[AnswerId, str] | None
    ) -> tuple[Turn, ...]:
        """Turns that the memory does not cover."""
        turns = [_turn(one) for one in lines if _counts(one)]
        known = [turn.answer for turn in turns]
        return tuple(turns[0 if memory is None else known.index(memory[0]) + 1 :])

    async def ask(self, question: NewQuestion) -> Asked:
        """Accepts, or says why not."""
        return await self.db.commit("ask", lambda: self._ask(question))

    def _ask(self, new: NewQuestion) -> Asked:
        for line in self.db.lines.values():
            if (line.new.user, line.new.client_id) == (new.user, new.client_id):
                same = _told(line.new) == _told(new)
                return self._asked("repeat" if same else "differs", line)
        outcome = self._place(new)
        if outcome:
            return self._asked(outcome, Record(new, new.new_conversation))
        hold = new.terms.hold
        mine = [one for one in self.db.lines.values() if one.new.user == new.user]
        if sum(not one.state.ended for one in mine) >= self.db.most_open:
            return self._asked("too_many", Record(new, new.new_conversation))
        if self.db.balances[new.user] < hold:
            refused = Record(new, new.new_conversation)
            return self._asked("insufficient", refused)
        line = recorded(self.db, new)
        if new.conversation is not None and not self._turns(
            new.user, new.conversation, new.kind
        ):
            return self._asked("unknown_conversation", line)
        line.outbox = next(self.db.rows)
        self._replace(new)
        self.db.balances[new.user] -= hold
        self.db.lines[new.answer] = line
        accepted = self._asked("accepted", line)
        return attrs.evolve(accepted, job=new.job, outbox=line.outbox)

    def _place(self, new: NewQuestion) -> str | None:
        """Why a turn cannot be replaced."""
        if new.replaces is None:
            return None
        place = self.db.from_place(new)
        if not place:
            return "unknown_conversation"
        if not all(one.state.ended for one in place):
            return "open_turn"
        taken = self.db.lines[new.replaces].replaced_by is not None
        return "replaced" if taken else None

    def _replace(self, new: NewQuestion) -> None:
        for one in self.db.from_place(new):
            one.replaced_by = one.replaced_by or new.answer
            reach = self.db.memories.get(one.conversation)
            if reach is not None and reach[0] == one.new.answer:
                del self.db.memories[one.conversation]

    def _asked(self, outcome: str, line: Record) -> Asked:
        return Asked(
            outcome=outcome,
            answer=line.new.answer,
            conversation=line.conversation,
            job=None,
            outbox=None,
            max_tokens=line.new.terms.max_tokens,
            lowered=line.new.terms.lowered,
            hold=line.new.terms.hold,
            available=Tokens(self.db.balances[line.new.user]),
        )

    async def stop(self, user: UserId, answer: AnswerId) -> str | None:
        """The node that writes it."""

        def effect() -> str | None:
            line = self.db.lines.get(answer)
            if line is None or line.new.user != user or line.state.ended:
                return None
            line.stop_requested = True
            return line.owner

        return await self.db.commit("stop", effect)


@attrs.frozen
class MemoryJobs:
    """``ports.Jobs``."""

    db: Database

    async def claim(self, job: str, worker: str) -> Claim | None:
        """One attempt."""
        return await self.db.commit("claim", lambda: self._claim(job, worker))

    def _claim(self, job: str, worker: str) -> Claim | None:
        line, now = self.db.of_job(job), self.db.clock.seconds()
        if (
            line is None
            or line.job_state not in ("queued", "running")
            or line.run_after > now
            or (line.job_state == "running" and line.lease_until > now)
        ):
            return None
        if line.attempts >= MOST_ATTEMPTS:
            self.db.fail(line, Finish.GAVE_UP)
            return None
        if MOST_ATTEMPTS - line.attempts <= 2 and self._has_another(worker, line):
            line.job_state, line.owner = "queued", ""
            line.run_after, line.published_at = now + 1, LONG_AGO
            return None
        line.attempts += 1
        line.epoch, line.last_seq = line.attempts, 0
        line.job_state, line.owner = "running", worker
        line.lease_until = now + LEASE
        line.expires_at = max(line.expires_at, now + HOLD)
        return Claim(
            job=job,
            attempt=line.attempts,
            answer=line.new.answer,
            user=line.new.user,
            kind=line.new.kind,
            question=line.new.text,
            conversation=line.conversation,
            window_from=line.new.window_from,
            prices=line.new.prices,
            prompt_estimate=line.new.prompt_estimate,
            max_tokens=line.new.terms.max_tokens,
            hold=line.new.terms.hold,
            stop_requested=line.stop_requested,
            origin=line.new.origin,
            brief=line.new.brief,
            fold=line.new.fold,
        )

    async def renew(self, worker: str, jobs: Collection[str]) -> frozenset[str]:
        """Prolongs what is still this worker's."""

        def effect() -> frozenset[str]:
            now = self.db.clock.seconds()
            kept = [
                line
                for line in self._held(worker)
                if line.new.job in jobs and line.lease_until > now
            ]
            for line in kept:
                line.lease_until = now + LEASE
            return frozenset(line.new.job for line in kept)

        return await self.db.commit("renew", effect)

    async def retry(self, job: str, worker: str, error: str, delay: timedelta) -> bool:
        """Back to the queue, or the end."""

        def effect() -> bool:
            line = self.db.of_job(job)
            if line is None or line not in self._held(worker):
                return False
            line.last_error = error
            if line.attempts >= MOST_ATTEMPTS:
                self.db.fail(line, Finish.GAVE_UP)
                return False
            line.job_state, line.owner = "queued", ""
            line.run_after = self.db.clock.seconds() + delay.total_seconds()
            line.published_at = LONG_AGO
            return True

        return await self.db.commit("retry", effect)

    async def release(self, worker: str) -> int:
        """Back to the queue with all of a worker's."""

        def effect() -> int:
            held = self._held(worker)
            for line in held:
                line.job_state, line.owner = "queued", ""
                line.run_after = self.db.clock.seconds()
                line.published_at = LONG_AGO
            return len(held)

        return await self.db.commit("release", effect)

    def _has_another(self, worker: str, line: Record) -> bool:
        """Whether this worker has another job on its last attempts."""
        now = self.db.clock.seconds()
        return any(
            one is not line and one.lease_until > now
            for one in self._held(worker)
            if MOST_ATTEMPTS - one.attempts < 2
        )

    def _held(self, worker: str) -> list[Record]:
        return [
            line
            for line in self.db.lines.values()
            if line.job_state == "running" and line.owner == worker
        ]


@attrs.frozen
class MemoryDrafts:
    """``ports.Drafts``."""

    db: Database

    async def remembered(self, claim: Claim) -> Remembered:
        """The window's turns, and the memory of those before."""
        return await self.db.commit("remembered", lambda: self._remembered(claim))

    def _remembered(self, claim: Claim) -> Remembered:
        if claim.window_from is None and not claim.fold:
            return Remembered()
        turns: list[Turn] = []
        beyond: list[Turn] = []
        covers, memory = self.db.memories.get(claim.conversation, (None, None))
        for answer, line in self.db.lines.items():
            if answer == claim.answer:
                break
            if line.conversation != claim.conversation:
                continue
            begun = turns or answer == claim.window_from
            if _counts(line):
                (turns if begun else beyond).append(_turn(line))
            if answer == covers:
                beyond.clear()
        return Remembered(
            tuple(turns), memory, tuple(beyond[-REMEMBERED:]) if claim.fold else ()
        )

    async def remember(
        self,
        claim: Claim,
        covers: AnswerId,
        text: str,
        prompts: str,  # noqa: ARG002
    ) -> bool:
        """Keeps a memory that reaches further."""

        def effect() -> bool:
            line = self.db.lines[claim.answer]
            if line.epoch != claim.attempt or line.state.ended:
                return False
            if line.conversation in self.db.deleted:
                return False
            before, _ = self.db.memories.get(line.conversation, (None, ""))
            order = list(self.db.lines)
            if before is not None and order.index(before) >= order.index(covers):
                return False
            self.db.memories[line.conversation] = (covers, text)
            return True

        return await self.db.commit("remember", effect)

    async def append(self, pieces: Sequence[Piece]) -> frozenset[AnswerId]:
        """Takes each at its place, or not at all."""

        def effect() -> frozenset[AnswerId]:
            if any("\x00" in piece.text for piece in pieces):
                raise ValueError("a database takes no NUL")
            return frozenset(piece.answer for piece in pieces if self._take(piece))

        return await self.db.commit("append", effect)

    def _take(self, piece: Piece) -> bool:
        line = self.db.lines.get(piece.answer)
        if line is None or line.epoch != piece.epoch or line.state.ended:
            return False
        if not piece.epoch:
            return False
        if line.last_seq == piece.seq - 1:
            line.last_seq, line.state = piece.seq, State.STREAMING
            line.texts[piece.epoch, piece.seq] = piece.text
        return line.last_seq == piece.seq and line.state is State.STREAMING

    async def finish(
        self, answer: AnswerId, epoch: int, text: str, ending: Ending, model: str
    ) -> Ended | None:
        """The end, once."""

        def effect() -> Ended | None:
            line = self.db.lines[answer]
            if line.epoch != epoch:
                return None
            line.model = line.model if line.state.ended else model
            return self.db.end(line, text, ending)

        return await self.db.commit("finish", effect)


@attrs.frozen
class MemoryAnswers:
    """``ports.Answers``."""

    db: Database

    async def read(
        self, user: UserId, answer: AnswerId, epoch: int, seq: int
    ) -> Reading:
        """What comes after a place."""
        return await self.db.commit(
            "read", lambda: self._read(user, answer, epoch, seq)
        )

    def _read(self, user: UserId, answer: AnswerId, epoch: int, seq: int) -> Reading:
        line = self.db.lines.get(answer)
        if (
            line is None
            or line.new.user != user
            or line.conversation in self.db.deleted
        ):
            raise NotFound("There is no such answer.")
        after = seq if epoch == line.epoch else 0
        end = None
        if line.settled is not None and line.finish is not None:
            end = End(
                answer=answer,
                epoch=line.epoch,
                last_seq=line.last_seq,
                state=line.state,
                finish=line.finish,
                cost=line.settled,
                hold=line.new.terms.hold,
                available=Tokens(self.db.balances[user]),
                words=line.words,
                memory=line.memory,
            )
        return Reading(
            answer=answer,
            conversation=line.conversation,
            kind=line.new.kind,
            question=line.new.text,
            epoch=line.epoch,
            last_seq=line.last_seq,
            state=line.state,
            writer=line.owner,
            pieces=tuple(
                Piece(answer, line.epoch, at, text)
                for (of, at), text in sorted(line.texts.items())
                if of == line.epoch and at > after
            ),
            end=end,
        )

    async def progress(self, answers: Collection[AnswerId]) -> tuple[Progress, ...]:
        """Where each stands."""

        def effect() -> tuple[Progress, ...]:
            known = self.db.lines
            lines = [known[answer] for answer in answers if answer in known]
            return tuple(
                Progress(
                    line.new.answer,
                    line.epoch,
                    line.last_seq,
                    line.state.ended,
                    line.owner,
                )
                for line in lines
            )

        return await self.db.commit("progress", effect)


def _told(new: NewQuestion) -> tuple[object, ...]:
    """What makes a repeat the same question."""
    return new.kind, new.text, new.brief, new.replaces


def _counts(line: Record) -> bool:
    """Whether it is remembered."""
    return line.state.ended and bool(line.text) and line.replaced_by is None


def _turn(line: Record) -> Turn:
    return Turn(line.new.answer, line.new.text, line.text)


# ---- a model that says what a test tells it to ------------------------------------


class ScriptedSource:
    """``ports.Source``: a stream whose bytes the test brings."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.ended: Deferred[Report] = Deferred()
        self.paused = False
        self.resumed = 0
        self._gathered = ""
        self._unread = ""

    def say(self, text: str) -> None:
        """Text comes; a paused stream leaves it in the network's buffers."""
        if self.paused:
            self._unread += text
        else:
            self._gathered += text
            self.sink.ready()

    def end(self, finish: Finish = Finish.STOP, usage: Usage | None = None) -> None:
        """The model has said all, and what it used."""
        self._gathered += self._unread
        self._unread = ""
        if not self.ended.called:
            self.ended.callback(Report(finish, usage))

    # ---- as a source

    def take(self) -> str:
        """The text so far."""
        text, self._gathered = self._gathered, ""
        return text

    def pause(self) -> None:
        """Reads no more."""
        self.paused = True

    def resume(self) -> None:
        """Reads on."""
        self.resumed += 1
        self.paused = False
        unread, self._unread = self._unread, ""
        if unread:
            self.say(unread)

    def abort(self) -> None:
        """Stopped; what was not read is not charged for."""
        self._unread = ""
        self.end(Finish.STOPPED)


@attrs.define
class ScriptedModels:
    """``answering.Models``: waits until the test opens, refuses or breaks it."""

    name: str = "model"
    asked: list[tuple[Sequence[Message], int]] = attrs.Factory(list)
    sources: list[ScriptedSource] = attrs.Factory(list)
    at_once: bool = True
    """Opens by itself; otherwise the test fires ``waiting``."""
    waiting: list[Deferred[None]] = attrs.Factory(list)
    trouble: Exception | None = None

    async def write(
        self, messages: Sequence[Message], max_tokens: int, sink: Sink
    ) -> tuple[str, Report]:
        """A new source for each question."""
        self.asked.append((messages, max_tokens))
        if not self.at_once:
            self.waiting.append(Deferred())
            await self.waiting[-1]
        if self.trouble is not None:
            raise self.trouble
        source = ScriptedSource(sink)
        self.sources.append(source)
        sink.opened(source)
        return self.name, await source.ended


# ---- a broker -----------------------------------------------------------------------


@attrs.define
class MemoryLetters:
    """``ports.DeadLetters``: the ids of dead jobs, or no broker."""

    jobs: list[str] = attrs.Factory(list)
    refuses: bool = False
    sorted: int = 0

    async def depth(self) -> int:
        """How many there are."""
        if self.refuses:
            raise NotPublished
        return len(self.jobs)

    async def sort(self, dead: Callable[[], Awaitable[Mapping[str, bytes]]]) -> int:
        """Keeps these alone."""
        self.sorted += 1
        self.jobs = list(await dead())
        return self.sorted


@attrs.define
class MemoryBroker:
    """``ports.Broker``: keeps what it is given, or refuses it."""

    living: set[str] = attrs.Factory(set)
    refuses: bool = False
    broken: bool = False
    published: list[tuple[str, bytes]] = attrs.Factory(list)
    sent: list[tuple[str, bytes]] = attrs.Factory(list)
    told: list[bytes] = attrs.Factory(list)
    gates: list[Deferred[None]] = attrs.Factory(list)
    """The next publishes wait for these."""
    dead_letters: MemoryLetters = attrs.Factory(MemoryLetters)
    connected: bool = True

    async def publish(self, message_id: str, body: bytes) -> None:
        """Keeps a job."""
        if self.gates:
            await self.gates.pop(0)
        self._check()
        self.published.append((message_id, body))

    async def send(self, node: str, body: bytes) -> None:
        """Keeps a message to a living node."""
        self._check()
        if node not in self.living:
            raise NoSuchNode(node)
        self.sent.append((node, body))

    async def broadcast(self, body: bytes) -> None:
        """Keeps a message to all."""
        self._check()
        self.told.append(body)

    def _check(self) -> None:
        if self.broken:
            raise ZeroDivisionError
        if self.refuses:
            raise NotPublished

    async def start(self, **_: object) -> None:
        """Nothing comes by itself."""

    async def stop_jobs(self) -> None:
        """Nothing comes by itself."""

    async def close(self) -> None:
        """There is nothing to close."""


# ---- questions as tests need them ---------------------------------------------------


def recorded(db: Database, new: NewQuestion) -> Record:
    """A line for a question that comes in now."""
    now = db.clock.seconds()
    return Record(
        new,
        new.conversation or new.new_conversation,
        run_after=now,
        published_at=now,
        expires_at=now + HOLD,
    )


def asked(
    db: Database, number: int, *, user: UserId = ANN, origin: str = "here"
) -> NewQuestion:
    """A question that was accepted: its answer, job and hold are there."""
    new = NewQuestion(
        user=user,
        client_id=f"q{number}",
        kind=Kind.CHAT,
        channel="web",
        text=f"Question {number}?",
        conversation=None,
        new_conversation=ConversationId(f"c{number}"),
        title=f"Question {number}?",
        answer=AnswerId(f"00000000-0000-4000-8000-{number:012}"),
        job=f"00000000-0000-4000-9000-{number:012}",
        origin=origin,
        prompt_estimate=20,
        terms=Terms(500, Tokens(520), lowered=False),
        window_from=None,
        prices=db.prices,
    )
    db.balances[user] -= new.terms.hold
    db.lines[new.answer] = recorded(db, new)
    return new
