"""Jobs and node messages on their way through the broker, and upkeep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
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
