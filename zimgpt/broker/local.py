"""The broker of a node that is alone: jobs and messages within this process.

Nothing outlives the process, and nothing needs to: PostgreSQL knows which jobs are
not done, and the outbox gives them again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from zimgpt.flows.ports import NoSuchNode, NotPublished, Outcome, Work

log = Logger()

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 30.0
"""Seconds before a job that failed is offered again; doubled each time."""

OnMessage = Callable[[bytes], None]


@attrs.frozen
class _Job:
    id: str
    body: bytes
    wait: float = FIRST_WAIT


class LocalLetters:
    """The letters of dead jobs, for as long as the process lives."""

    def __init__(self) -> None:
        self._letters: list[str] = []

    def add(self, job: str) -> None:
        """A job has died."""
        self._letters.append(job)

    async def depth(self) -> int:
        """How many there are."""
        return len(self._letters)

    async def sort(self, dead: Callable[[], Awaitable[Mapping[str, bytes]]]) -> int:
        """Leaves one letter of each of these jobs and no other."""
        after = list(await dead())
        before, self._letters = self._letters, after
        kept = set(before) & set(after)
        return len(before) + len(after) - 2 * len(kept)


class Local:
    """Offers jobs first come, first served, ``answers_at_once`` of them at a time."""

    def __init__(self, clock: IReactorTime, *, node: str, answers_at_once: int) -> None:
        self._clock = clock
        self._node = node
        self._places = answers_at_once
        self._jobs: deque[_Job] = deque()
        self._messages: deque[bytes] = deque()
        self._on_job: Work | None = None
        self._on_message: OnMessage | None = None
        self._soon: IDelayedCall | None = None
        self._waits: set[IDelayedCall] = set()
        self._closed = False
        self._letters = LocalLetters()

    @property
    def connected(self) -> bool:
        """It is here."""
        return True

    @property
    def dead_letters(self) -> LocalLetters:
        """Where the letters of dead jobs lie."""
        return self._letters

    async def start(self, *, on_job: Work | None, on_message: OnMessage) -> None:
        """Begins to offer what is and will be published."""
        self._on_job = on_job
        self._on_message = on_message
        self._look_soon()

    async def publish(self, message_id: str, body: bytes) -> None:
        """Queues a job."""
        if self._closed:
            raise NotPublished("The broker is closed.")
        self._jobs.append(_Job(message_id, body))
        self._look_soon()

    async def send(self, node: str, body: bytes) -> None:
        """Sends to this node itself, the only one there is."""
        if node != self._node or self._closed:
            raise NoSuchNode(f"No living node is called {node}.")
        self._messages.append(body)
        self._look_soon()

    async def broadcast(self, body: bytes) -> None:  # noqa: ARG002
        """Sends to every other node: there is none."""
        if self._closed:
            raise NotPublished("The broker is closed.")

    async def stop_jobs(self) -> None:
        """Takes no new jobs; those under way go on."""
        self._on_job = None
        for wait in self._waits:
            wait.cancel()
        self._waits.clear()

    async def close(self) -> None:
        """Delivers nothing any more."""
        self._closed = True
        await self.stop_jobs()
        self._on_message = None
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None

    def _look_soon(self) -> None:
        # Never within the caller's own call: a broker's deliveries come from outside.
        if self._soon is None and not self._closed:
            self._soon = self._clock.callLater(0, self._look)

    def _look(self) -> None:
        self._soon = None
        while self._messages and self._on_message is not None:
            self._deliver(self._on_message, self._messages.popleft())
        while self._jobs and self._places and self._on_job is not None:
            self._places -= 1
            Deferred.fromCoroutine(self._offer(self._on_job, self._jobs.popleft()))

    def _deliver(self, on_message: OnMessage, body: bytes) -> None:
        try:
            on_message(body)
        except Exception:  # one bad message must not hold up the next
            log.failure("a message could not be used")

    async def _offer(self, on_job: Work, job: _Job) -> None:
        try:
            if await on_job(job.body) is Outcome.DEAD:
                self._letters.add(job.id)
        except Exception:
            log.failure("a job failed, and will be offered again")
            self._offer_later(job)
        finally:
            self._places += 1
            self._look_soon()

    def _offer_later(self, job: _Job) -> None:
        if self._on_job is None:  # nobody takes jobs any more
            return
        again = _Job(job.id, job.body, min(job.wait * 2, LONGEST_WAIT))

        def offer() -> None:
            self._waits.discard(wait)
            self._jobs.append(again)
            self._look_soon()

        wait = self._clock.callLater(job.wait, offer)
        self._waits.add(wait)
