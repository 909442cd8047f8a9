"""Jobs of all kinds on this node: answers, and the lanes of a messenger's people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from twisted.logger import Logger

from zimgpt.domain.errors import Unavailable
from zimgpt.flows.ports import Jobs
from zimgpt.flows.ports.messenger import ContactId, Lane, LaneKind, Lanes

RETRY = timedelta(seconds=5)
"""How long a lane rests after an attempt that broke."""

Work = Callable[[ContactId], Awaitable[timedelta | None]]
"""Does what waits for a person; says when to look again, None: when woken."""


class LaneRunner:
    """Runs lanes on this node, each person's one thing after the other."""

    log = Logger()

    def __init__(
        self, node: str, lanes: Lanes, jobs: Jobs, work: Mapping[LaneKind, Work]
    ) -> None:
        self._node = node
        self._lanes = lanes
        self._jobs = jobs
        self._work = work
        self._running: dict[str, Lane] = {}
        self._stopping = False

    @property
    def running(self) -> int:
        """Lanes at work."""
        return len(self._running)

    async def run(self, job: str) -> bool:
        """Does what a lane has to do; False if it was none, or nothing was to do."""
        if self._stopping:
            return False
        lane = await self._lanes.claim(job, self._node)
        if lane is None:
            return False
        self._running[job] = lane
        try:
            await self._do(lane)
        except (
            Exception
        ) as error:  # a door: whatever broke, nothing in the lane is lost
            if not isinstance(error, Unavailable):
                self.log.failure("lane {job} broke", job=job)
            await self._give_back(job, error)
        finally:
            if self._running.get(job) is lane:
                del self._running[job]
        return True

    async def renew(self) -> None:
        """Keeps the leases of lanes at work."""
        if not self._running:
            return
        try:
            await self._jobs.renew(self._node, tuple(self._running))
        except Unavailable:
            return  # they last for two renewals more

    def stop(self) -> None:
        """Lanes at work come to the end of their step; no other one begins."""
        self._stopping = True

    async def _do(self, lane: Lane) -> None:
        again = True
        while again:
            wait = await self._work[lane.kind](lane.contact)
            if self._stopping and wait is None:
                wait = timedelta(0)  # another node looks whether there is more
            again = await self._lanes.finish(lane.job, self._node, wait)
            again = again and not self._stopping

    async def _give_back(self, job: str, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        try:
            await self._lanes.retry(job, self._node, reason, RETRY)
        except Unavailable:
            self.log.warn("lane {job} waits for its lease to run out", job=job)
