"""Jobs that have died: told to the operator once, and mirrored at the broker.

A worker that ends a job's last attempt has the broker put it among the dead letters.
What a crash, a rebuilt broker or an operator's command leaves different is put right
here, so that the depth of that queue is the number of dead jobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import attrs
from twisted.logger import Logger

from zimgpt.flows.ports import DeadJobs, DeadLetters, NotPublished
from zimgpt.wire.jobs import JobMessage, encode

EVERY = timedelta(seconds=10)
"""How often some node looks."""

BATCH = 100


@attrs.frozen
class Burying:
    """Looks after dead jobs, for all nodes when it is this one's turn."""

    _jobs: DeadJobs
    _letters: DeadLetters

    log = Logger()

    async def round(self) -> None:
        """Raises the alarm for new ones, and puts the letters right."""
        if not await self._jobs.turn(EVERY):
            return
        await self._tell()
        dead = await self._jobs.all()
        try:
            if await self._letters.depth() != len(dead):
                count = await self._letters.sort(self._wanted)
                self.log.info("dead letters put right: {count}", count=count)
        except NotPublished:
            self.log.warn("dead letters left for the next round: no broker")

    async def _tell(self) -> None:
        # Told first and noted then: a crash between the two repeats a line, not more.
        untold = await self._jobs.untold(BATCH)
        for one in untold:
            self.log.critical(
                "job {job} ({kind}) is dead after {attempts} attempts: {reason};"
                " see `python -m zimgpt jobs`",
                job=one.job,
                kind=one.kind,
                attempts=one.attempts,
                reason=one.error,
            )
        if untold:
            await self._jobs.told([one.job for one in untold])

    async def _wanted(self) -> Mapping[str, bytes]:
        return {
            one.job: encode(JobMessage(one.job, one.origin))
            for one in await self._jobs.all()
        }
