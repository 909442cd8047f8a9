"""``flows.ports.works`` by the functions of the command line."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.flows.ports.back_office import By, Row
from zimgpt.flows.ports.works import Broadcast
from zimgpt.store import operator_broadcasts, operator_jobs
from zimgpt.store.deskwork import Deskwork

LATEST = 30
"""Broadcasts that are shown."""


@attrs.frozen
class DeskBroadcasts:
    """Each call is a transaction of its own."""

    _desk: Deskwork

    async def list(self) -> Sequence[Row]:
        """The latest of them."""
        return await self._desk.do(lambda c: operator_broadcasts.listed(c, LATEST))

    async def waiting(self, id: str) -> int:
        """As ``zimgpt broadcast --dry-run`` does."""
        return await self._desk.do(lambda c: operator_broadcasts.waiting(c, id))

    async def begin(self, broadcast: Broadcast, by: By) -> bool:
        """As ``zimgpt broadcast`` does at first."""
        return await self._desk.do(
            lambda c: operator_broadcasts.begin(
                c, broadcast, who=by.who, reason=by.reason
            )
        )

    async def send_some(self, id: str, limit: int) -> int:
        """And then again and again."""
        return await self._desk.do(
            lambda c: operator_broadcasts.send_some(c, id, limit)
        )


@attrs.frozen
class DeskJobs:
    """Each call is a transaction of its own."""

    _desk: Deskwork

    async def list(self, state: str | None, kind: str | None, limit: int) -> Row:
        """As ``zimgpt jobs list`` does."""

        def work(connection: Connection) -> Row:
            jobs = operator_jobs.listed(connection, state=state, kind=kind, limit=limit)
            return {"jobs": jobs, "counts": operator_jobs.counted(connection)}

        return await self._desk.do(work)

    async def shown(self, job: str) -> Row:
        """As ``zimgpt jobs show`` does."""
        story = await self._desk.do(lambda c: operator_jobs.shown(c, job))
        return attrs.asdict(story)

    async def retry(self, job: str, by: By) -> None:
        """As ``zimgpt jobs retry`` does."""
        await self._desk.do(
            lambda c: operator_jobs.retry(c, job, who=by.who, reason=by.reason)
        )

    async def drop(self, job: str, by: By) -> None:
        """As ``zimgpt jobs drop`` does."""
        await self._desk.do(
            lambda c: operator_jobs.drop(c, job, who=by.who, reason=by.reason)
        )
