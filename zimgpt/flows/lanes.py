"""Jobs of all kinds on this node: answers, and the lanes of a messenger's people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from zimgpt.domain.errors import Unavailable
from zimgpt.flows.ports import Jobs, Ticket
from zimgpt.flows.ports.contacts import ContactId, Lane, LaneKind, Lanes

RETRY = timedelta(seconds=5)
"""How long a lane rests after an attempt that broke."""

LONGEST = timedelta(minutes=2)
"""What rests longer is woken by the sweep alone."""

Work = Callable[[ContactId], Awaitable[timedelta | None]]
"""Does what waits for a person; says when to look again, None: when woken."""


class LaneRunner:
    """Runs lanes on this node, each person's one thing after the other."""

    log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        node: str,
        lanes: Lanes,
        jobs: Jobs,
        work: Mapping[LaneKind, Work],
        publish: Callable[[Ticket], None],
    ) -> None:
        self._clock = clock
        self._publish = publish
        self._alarms: dict[str, IDelayedCall] = {}
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
        if lane.put_aside is not None:
            self.log.critical(
                "lane {job}: {name} broke too often and was put aside",
                job=job,
                name=lane.put_aside,
            )
        self._running[job] = lane
        try:
            await self._do(lane)
        except (
            Exception
        ) as error:  # a door: whatever broke, nothing in the lane is lost
            counts = not isinstance(error, Unavailable)
            if counts:
                self.log.failure("lane {job} broke", job=job)
            await self._give_back(job, error, counts=counts)
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
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()

    async def _do(self, lane: Lane) -> None:
        again = True
        while again:
            wait = await self._work[lane.kind](lane.contact)
            if self._stopping and wait is None:
                wait = timedelta(0)  # another node looks whether there is more
            again = await self._lanes.finish(lane.job, self._node, wait)
            again = again and not self._stopping
            if not again and wait is not None:
                self._rest(lane.job, wait)

    def _rest(self, job: str, wait: timedelta) -> None:
        """Gives it to the broker when its rest is over; the sweep would be later."""
        if self._stopping or wait > LONGEST:
            return
        earlier = self._alarms.pop(job, None)
        if earlier is not None:
            earlier.cancel()
        seconds = max(wait.total_seconds(), 0) + 0.05
        self._alarms[job] = self._clock.callLater(seconds, self._wake, job)

    def _wake(self, job: str) -> None:
        del self._alarms[job]
        self._publish(Ticket(job, self._node, None))

    async def _give_back(self, job: str, error: Exception, *, counts: bool) -> None:
        reason = f"{type(error).__name__}: {error}"
        try:
            await self._lanes.retry(job, self._node, reason, RETRY, counts=counts)
            self._rest(job, RETRY)
        except Unavailable:
            self.log.warn("lane {job} waits for its lease to run out", job=job)
