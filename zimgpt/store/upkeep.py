"""What the broker has still to be given, and what a crash may leave behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import attrs

from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.ports import DeadJob, Figures, Ticket
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

COUNT = """
    select state, count(*),
           coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)
      from jobs where state in ('queued', 'running') group by state
    union all
    select 'dead', count(*), 0 from jobs where state = 'dead'
"""

# Of an error its kind alone: its words may repeat what somebody wrote.
DEAD = """
    select id, kind, origin, attempts,
           coalesce(substring(last_error from '^[A-Za-z_.]{1,60}'), 'unknown')
      from jobs where state = 'dead'
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

    async def figures(self) -> Figures:
        """Counts what is under way and what is dead; old jobs are not looked at."""
        rows = await self._pool.query(COUNT)
        counts = {state: int(count) for state, count, _ in rows}
        oldest = max(float(seconds) for _, _, seconds in rows)
        return Figures(**counts, oldest=oldest)


@attrs.frozen
class PgDeadJobs:
    """``ports.DeadJobs`` on PostgreSQL."""

    _pool: Pool

    async def turn(self, every: timedelta) -> bool:
        """True for one node in each stretch of that length."""
        [(mine,)] = await self._pool.query(
            "select take_turn('dead jobs', %s)", (every,)
        )
        return bool(mine)

    async def untold(self, limit: int) -> tuple[DeadJob, ...]:
        """Those that the log has not named, the oldest first."""
        rows = await self._pool.query(
            f"{DEAD} and told_at is null order by finished_at limit %s", (limit,)
        )
        return tuple(DeadJob(*row) for row in rows)

    async def told(self, jobs: Sequence[str]) -> None:
        """Notes that the log has named these."""
        await self._pool.query("select dead_told(%s::uuid[])", (list(jobs),))

    async def all(self) -> tuple[DeadJob, ...]:
        """Every dead job, the oldest first."""
        rows = await self._pool.query(f"{DEAD} order by finished_at")
        return tuple(DeadJob(*row) for row in rows)

    async def is_dead(self, job: str) -> bool:
        """Whether this job has used up its attempts."""
        [(dead,)] = await self._pool.query(
            "select exists (select from jobs where id = %s and state = 'dead')", (job,)
        )
        return bool(dead)
