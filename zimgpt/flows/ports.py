"""What the flows need of the world: small protocols that the edges implement.

Each method of a store port is one commit. None of them makes a network call to
anything but PostgreSQL, and no other port is used while one is under way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import attrs

from zimgpt.domain.accounts import Session, SessionId, UserId, Wallet
from zimgpt.domain.answers import Ending, Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId, Turn
from zimgpt.domain.errors import Refusal
from zimgpt.domain.ledger import Price, Terms, Tokens, Usage
from zimgpt.domain.phones import Phone
from zimgpt.domain.questions import Kind, Message

Now = Callable[[], datetime]
"""The time, aware and in UTC."""

NewId = Callable[[], str]
"""A new random id: a UUID in text form."""


# ---- accounts ------------------------------------------------------------------


@attrs.frozen
class Credentials:
    """What signing in is checked against."""

    user: UserId
    password_hash: str | None
    """None for a person who has never chosen a password."""
    locked: bool
    """Passwords are refused for now, right or wrong."""


@attrs.frozen
class SessionInfo:
    """One line of the list of sessions that a person sees."""

    id: SessionId
    client: str
    created_at: datetime
    seen_at: datetime


class Accounts(Protocol):
    """People, and what signing in remembers of them."""

    async def open(
        self, phone: Phone, password_hash: str, welcome: Tokens
    ) -> UserId | None:
        """The new account with its welcome grant; None if the number has one."""
        ...

    async def attempt(self, phone: Phone, now: datetime) -> Credentials | None:
        """What a password is checked against; None for an unknown number.

        Unless passwords are refused for now, this counts as a wrong one until
        ``succeeded`` or ``forgive`` is called: tries made at the same moment are
        counted, too.
        """
        ...

    async def forgive(self, user: UserId) -> None:
        """Takes back one count: the password was not looked at."""
        ...

    async def succeeded(self, user: UserId, password_hash: str | None) -> None:
        """Forgets wrong passwords; stores a hash with newer parameters if given."""
        ...

    async def wallet(self, user: UserId) -> Wallet:
        """The balances."""
        ...


class Sessions(Protocol):
    """Signed-in browsers and programs; a token is known by its SHA-256 alone."""

    async def open(
        self, session: SessionId, user: UserId, digest: bytes, client: str
    ) -> None:
        """Begins a session of the domain's absolute lifetime."""
        ...

    async def find(self, digest: bytes) -> Session | None:
        """The live session of a token; notes that it was seen."""
        ...

    async def list(self, user: UserId) -> tuple[SessionInfo, ...]:
        """A person's live sessions, latest first."""
        ...

    async def revoke(self, user: UserId, session: SessionId) -> bool:
        """Ends one; False if it is not theirs or has ended."""
        ...

    async def revoke_all(self, user: UserId) -> tuple[SessionId, ...]:
        """Ends every one of them."""
        ...

    async def live(self, sessions: Collection[SessionId]) -> frozenset[SessionId]:
        """Which of these have not ended."""
        ...


class PasswordsBusy(Refusal):
    """Too many people are signing in just now. Please try again in a few seconds."""

    code = "busy"


class Passwords(Protocol):
    """Slow hashes, computed off the reactor's thread, a bounded number at once."""

    async def hash(self, password: str) -> str:
        """A new hash; raises PasswordsBusy when the queue is full."""
        ...

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it matches. None takes as long and never matches."""
        ...

    def outdated(self, password_hash: str) -> bool:
        """Whether it was made with older parameters than today's."""
        ...


# ---- asking --------------------------------------------------------------------


@attrs.frozen
class Prospect:
    """What pricing a question needs to know."""

    available: Tokens
    prices: tuple[Price, ...]
    turns: tuple[Turn, ...]
    """Latest turns of the conversation, oldest first; empty for a new one."""


@attrs.frozen
class NewQuestion:
    """Everything that is committed when a question is accepted."""

    user: UserId
    client_id: str
    kind: Kind
    channel: str
    text: str
    conversation: ConversationId | None
    new_conversation: ConversationId
    title: str
    answer: AnswerId
    job: str
    origin: str
    prompt_estimate: int
    terms: Terms
    window_from: AnswerId | None


@attrs.frozen
class Asked:
    """What became of it; ``outcome`` is accepted, repeat, differs, insufficient or
    unknown_conversation, and the other fields are set for the first two."""

    outcome: str
    answer: AnswerId
    conversation: ConversationId
    job: str | None
    outbox: int | None
    max_tokens: int
    lowered: bool
    hold: Tokens
    available: Tokens


class Questions(Protocol):
    """Questions on their way in."""

    async def prospect(
        self, user: UserId, conversation: ConversationId | None, models: Sequence[str]
    ) -> Prospect:
        """Raises NotFound for a conversation that is not theirs or is deleted."""
        ...

    async def ask(self, question: NewQuestion) -> Asked:
        """Question, hold, job and outbox row in one commit."""
        ...

    async def stop(self, user: UserId, answer: AnswerId) -> str | None:
        """Asks for an end; the node that writes it ('' if none), None if not open."""
        ...


# ---- answering -----------------------------------------------------------------


@attrs.frozen
class Claim:
    """A job taken for one attempt; ``attempt`` is the answer's epoch."""

    job: str
    attempt: int
    answer: AnswerId
    user: UserId
    kind: Kind
    question: str
    conversation: ConversationId
    window_from: AnswerId | None
    prompt_estimate: int
    max_tokens: int
    hold: Tokens
    stop_requested: bool
    origin: str


@attrs.frozen
class Piece:
    """A stored stretch of an answer's text."""

    answer: AnswerId
    epoch: int
    seq: int
    text: str


@attrs.frozen
class Ended:
    """The commit that ended an answer."""

    charged: Tokens
    available: Tokens
    last_seq: int


class Jobs(Protocol):
    """Attempts under a lease."""

    async def claim(self, job: str, worker: str) -> Claim | None:
        """One attempt, or None when there is nothing (more) to do."""
        ...

    async def renew(self, worker: str, jobs: Collection[str]) -> frozenset[str]:
        """Which of these are still ours, for another lease."""
        ...

    async def retry(self, job: str, worker: str, error: str, delay: timedelta) -> bool:
        """Gives one back; False when that was the last attempt."""
        ...

    async def release(self, worker: str) -> int:
        """Gives back everything that an earlier life of this worker held."""
        ...


class Drafts(Protocol):
    """Answers being written."""

    async def remembered(
        self, claim: Claim
    ) -> tuple[tuple[Turn, ...], dict[str, Price]]:
        """The turns in the question's window, and the price of every model."""
        ...

    async def append(self, pieces: Sequence[Piece]) -> frozenset[AnswerId]:
        """Stores one piece of each of many answers; returns those that took theirs."""
        ...

    async def finish(
        self, answer: AnswerId, epoch: int, text: str, ending: Ending, model: str
    ) -> Ended | None:
        """Last text, usage, settlement and job, whole; None when superseded."""
        ...


# ---- models --------------------------------------------------------------------


class ModelBusy(Exception):  # noqa: N818
    """The model refused for now, before writing anything."""


class ModelUnreachable(Exception):  # noqa: N818
    """The model could not be reached, or answered nonsense, before writing anything."""


@attrs.frozen
class Report:
    """How a model ended and what it says it used."""

    finish: Finish
    usage: Usage | None


class Source(Protocol):
    """An open stream of a model, whose reading can be put off."""

    def take(self) -> str:
        """The text of everything received since the last call."""
        ...

    def pause(self) -> None:
        """Leaves what comes in the network's buffers."""
        ...

    def resume(self) -> None:
        """Reads again."""
        ...

    def abort(self) -> None:
        """Closes the stream; its report says STOPPED."""
        ...


class Sink(Protocol):
    """Who takes a model's text."""

    def opened(self, source: Source) -> None:
        """The model has begun to answer."""
        ...

    def ready(self) -> None:
        """Something waits in ``source.take()``."""
        ...


class Model(Protocol):
    """One model of one upstream."""

    @property
    def name(self) -> str:
        """What it is called, in prices and to its server."""
        ...

    async def write(
        self, prompt: Sequence[Message], max_tokens: int, sink: Sink
    ) -> Report:
        """Streams an answer into the sink until its end.

        Raises ModelBusy or ModelUnreachable only while nothing was written; any
        later trouble is reported as ``Finish.CUT``. What the last bytes brought is
        still to be taken from the source.
        """
        ...


# ---- reading -------------------------------------------------------------------


@attrs.frozen
class End:
    """How an answer ended, as its readers are told."""

    answer: AnswerId
    epoch: int
    last_seq: int
    state: State
    finish: Finish
    cost: Tokens
    hold: Tokens
    available: Tokens


@attrs.frozen
class Reading:
    """An answer as stored: what comes after a reader's position."""

    answer: AnswerId
    conversation: ConversationId
    kind: Kind
    question: str
    epoch: int
    last_seq: int
    state: State
    writer: str
    """The node that writes it now; '' if none."""
    pieces: tuple[Piece, ...]
    """Of this epoch, after the reader's seq, or from the start if the epoch differs."""
    end: End | None


@attrs.frozen
class Progress:
    """How far an answer is; for noticing that live frames were missed."""

    answer: AnswerId
    epoch: int
    last_seq: int
    ended: bool
    writer: str


class Answers(Protocol):
    """Answers as their owners read them."""

    async def read(
        self, user: UserId, answer: AnswerId, epoch: int, seq: int
    ) -> Reading:
        """Raises NotFound for what is not theirs."""
        ...

    async def progress(self, answers: Collection[AnswerId]) -> tuple[Progress, ...]:
        """How far these are."""
        ...


@attrs.frozen
class ConversationInfo:
    """One line of a person's list of conversations."""

    id: ConversationId
    kind: Kind
    title: str
    updated_at: datetime


@attrs.frozen
class TurnInfo:
    """One turn as a person sees it again."""

    answer: AnswerId
    question: str
    text: str
    state: State
    finish: Finish | None
    cost: Tokens
    asked_at: datetime


class Conversations(Protocol):
    """A person's conversations; every method raises NotFound for another's."""

    async def list(
        self, user: UserId, *, search: str, before: ConversationId | None, limit: int
    ) -> tuple[ConversationInfo, ...]:
        """Latest first; ``search`` looks in titles, questions and answers."""
        ...

    async def turns(
        self,
        user: UserId,
        conversation: ConversationId,
        *,
        before: AnswerId | None,
        limit: int,
    ) -> tuple[TurnInfo, ...]:
        """Latest turns before one, oldest first."""
        ...

    async def rename(
        self, user: UserId, conversation: ConversationId, title: str
    ) -> None:
        """Gives it another title."""
        ...

    async def delete(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[AnswerId, ...]:
        """Hides it at once; its words are erased soon after.

        Returns the answers that are still being written.
        """
        ...


# ---- jobs to and from the broker -------------------------------------------------


@attrs.frozen
class Ticket:
    """A job as the broker carries it: an id and the node that took the question."""

    job: str
    origin: str
    outbox: int | None = None
    """Its outbox row, to be confirmed; not carried."""


class Outbox(Protocol):
    """What the broker has still to be given."""

    async def due(self, patience: timedelta, limit: int) -> tuple[Ticket, ...]:
        """Jobs to publish (again); taken by one caller only."""
        ...

    async def confirm(self, outbox: Sequence[int]) -> None:
        """The broker has these for certain."""
        ...


class Upkeep(Protocol):
    """What a crash may leave behind."""

    async def close_expired(self, limit: int) -> tuple[AnswerId, ...]:
        """Releases holds that nobody will settle; returns their answers."""
        ...

    async def erase_deleted(self, limit: int) -> int:
        """Forgets the words of deleted conversations."""
        ...

    async def forget_confirmed(self) -> int:
        """Drops outbox rows and sessions that are over."""
        ...


class NotPublished(Exception):  # noqa: N818
    """The broker did not confirm in time; whether it has the message is unknown."""


class NoSuchNode(Exception):  # noqa: N818
    """No living node has that name."""


class Broker(Protocol):
    """Carries job tickets (at least once) and node messages (at most once)."""

    async def publish(self, message_id: str, body: bytes) -> None:
        """Gives a job; returns when it is safe, raises NotPublished otherwise."""
        ...

    async def send(self, node: str, body: bytes) -> None:
        """Sends to one node; raises NoSuchNode or NotPublished."""
        ...

    async def broadcast(self, body: bytes) -> None:
        """Sends to every other node that is there; raises NotPublished."""
        ...

    async def start(
        self,
        *,
        on_job: Callable[[bytes], Awaitable[None]] | None,
        on_message: Callable[[bytes], None],
    ) -> None:
        """Begins; ``on_job`` None takes no jobs. A job is acknowledged when its
        call returns and offered again when it raises."""
        ...

    async def stop_jobs(self) -> None:
        """Takes no new jobs; those under way go on."""
        ...

    async def close(self) -> None:
        """Ends the connection; what was not acknowledged is offered again."""
        ...
