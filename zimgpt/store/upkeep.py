"""What the broker has still to be given, and what a crash may leave behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import attrs

from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.ports import Ticket
from zimgpt.store.pool import Pool

FORGET = """
    with gone as (
      delete from sessions where expires_at < now()),
    useless as (
      delete from outbox where id in (
        select o.id from outbox o join jobs j on j.id = o.job_id
         where o.confirmed_at is null and j.finished_at is not null
           for update of o skip locked)
      returning id),
    old as (
      delete from outbox where confirmed_at < now() - interval '1 hour' returning id)
    select id from useless union all select id from old
"""


@attrs.frozen
class PgOutbox:
    """``ports.Outbox`` on PostgreSQL."""

    _pool: Pool

    async def due(self, patience: timedelta, limit: int) -> tuple[Ticket, ...]:
        """Jobs that the broker seems not to have; each goes to one caller."""
        rows = await self._pool.query(
            "select job_id, origin, outbox_id from jobs_to_publish(%s, %s)",
            (patience, limit),
        )
        return tuple(Ticket(*row) for row in rows)

    async def confirm(self, outbox: Sequence[int]) -> None:
        """Notes that the broker has these."""
        await self._pool.query(
            "update outbox set confirmed_at = clock_timestamp() where id = any (%s)",
            (list(outbox),),
        )


@attrs.frozen
class PgUpkeep:
    """``ports.Upkeep`` on PostgreSQL."""

    _pool: Pool

    async def close_expired(self, limit: int) -> tuple[AnswerId, ...]:
        """Releases holds that are past their time and in nobody's hands."""
        rows = await self._pool.query(
            "select answer_id from close_expired(%s)", (limit,)
        )
        return tuple(answer for (answer,) in rows)

    async def erase_deleted(self, limit: int) -> int:
        """Forgets the words of deleted conversations."""
        [(count,)] = await self._pool.query("select erase_deleted(%s)", (limit,))
        return int(count)

    async def forget_confirmed(self) -> int:
        """Drops outbox rows and sessions that are over; returns how many rows.

        A row that was never confirmed, because its node died just then, is over when
        its job has ended.
        """
        return len(await self._pool.query(FORGET))
