"""Jobs and node messages on their way through the broker, and upkeep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from enum import Enum, auto
from typing import Protocol

import attrs

from zimgpt.domain.conversations import AnswerId


@attrs.frozen
class Ticket:
    """A job as the broker carries it: an id and the node that took the question."""

    job: str
    origin: str
    outbox: int | None = None
    """Its outbox row, to be confirmed; not carried."""


class Outcome(Enum):
    """What became of a job that the broker brought."""

    DONE = auto()
    """Its effects are committed, or there were none to have: it is acknowledged."""
    DEAD = auto()
    """It has used up its attempts: it belongs among the dead letters."""


Work = Callable[[bytes], Awaitable[Outcome]]
"""What is done with a job that the broker brings."""


@attrs.frozen
class DeadJob:
    """A job that nobody will try again unless an operator says so."""

    job: str
    kind: str
    origin: str
    attempts: int
    error: str
    """What kind of error its last attempt ended with, without the error's words."""


@attrs.frozen
class Figures:
    """How many jobs there are, and how long the oldest of them has been waiting."""

    queued: int = 0
    running: int = 0
    dead: int = 0
    oldest: float = 0.0
    """Seconds since the oldest that is queued or running was taken; 0 if none is."""


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

    async def figures(self) -> Figures:
        """Counts what is under way and what is dead."""
        ...


class DeadJobs(Protocol):
    """Jobs that have used up their attempts, of all nodes."""

    async def turn(self, every: timedelta) -> bool:
        """Whether it is this node that looks after them now."""
        ...

    async def untold(self, limit: int) -> tuple[DeadJob, ...]:
        """Those that the log has not named yet."""
        ...

    async def told(self, jobs: Sequence[str]) -> None:
        """The log has named these."""
        ...

    async def all(self) -> tuple[DeadJob, ...]:
        """Every one of them."""
        ...

    async def is_dead(self, job: str) -> bool:
        """Whether this is one."""
        ...


class NotPublished(Exception):  # noqa: N818
    """The broker did not confirm in time; whether it has the message is unknown."""


class NoSuchNode(Exception):  # noqa: N818
    """No living node has that name."""


class DeadLetters(Protocol):
    """The broker's letters of dead jobs, one for each, for operators to see."""

    async def depth(self) -> int:
        """How many there are; raises NotPublished."""
        ...

    async def sort(self, dead: Callable[[], Awaitable[Mapping[str, bytes]]]) -> int:
        """Leaves one letter of each of these jobs and no other; raises NotPublished.

        ``dead`` is asked for ids and bodies after the letters have been read. Returns
        how many letters were taken away or added.
        """
        ...


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
        on_job: Work | None,
        on_message: Callable[[bytes], None],
    ) -> None:
        """Begins; ``on_job`` None takes no jobs. A job is acknowledged or put among
        the dead letters as its call says, and offered again when it raises."""
        ...

    @property
    def connected(self) -> bool:
        """Whether it can be reached just now."""
        ...

    @property
    def dead_letters(self) -> DeadLetters:
        """Where the letters of dead jobs lie."""
        ...

    async def stop_jobs(self) -> None:
        """Takes no new jobs; those under way go on."""
        ...

    async def close(self) -> None:
        """Ends the connection; what was not acknowledged is offered again."""
        ...
