"""Jobs as operators see them, and what they do with them, outside the reactor.

Each function works in its caller's transaction and never commits. None of them reads
what anybody has asked or was answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.errors import NotFound, Refusal

HOLD = timedelta(minutes=15)
"""How long the hold of a job that is tried again waits for its next attempt."""

LIST = """
    select id::text, kind, state, attempts, max_attempts, created_at,
           extract(epoch from clock_timestamp() - created_at)::float8,
           lease_owner,
           extract(epoch from lease_until - clock_timestamp())::float8, last_error
      from jobs
     where (%(state)s is null or state = %(state)s)
       and (%(kind)s is null or kind = %(kind)s)
     order by created_at desc, id limit %(limit)s
"""

JOB = """
    select id::text, kind, ref, origin, state, attempts, max_attempts, lease_owner,
           lease_until, run_after, nullif(published_at, '-infinity') as published_at,
           last_error, created_at, finished_at, told_at
      from jobs where id = %s
"""

ANSWER = """
    select a.id::text, a.state, a.finish_reason, a.epoch, a.last_seq, a.user_id,
           a.conversation_id::text, a.model, a.created_at, a.finished_at,
           a.stop_requested
      from answers a join jobs j on j.ref = a.id::text
     where j.id = %s and j.kind in ('essay', 'chat')
"""

HOLDING = """
    select r.state, r.amount, r.settled, r.round, r.expires_at, r.closed_at
      from reservations r join jobs j on j.ref = r.answer_id::text
     where j.id = %s and j.kind in ('essay', 'chat')
"""

OUTBOX = "select id, created_at, confirmed_at from outbox where job_id = %s order by id"

ACTS = """
    select at, who, act, reason from operator_acts where subject = %s order by id
"""


class NoSuchJob(NotFound):
    """There is no job with that id."""


class NotRetried(Refusal):
    """This job cannot be tried again."""

    SENTENCES: ClassVar[Mapping[str, str]] = {
        "not_ended": "This job has not ended: only a dead or failed one is tried again."
        " Nothing was changed.",
        "dropped": "This job was dropped for good. Nothing was changed.",
        "paid": "The answer of this job was paid for. Nothing was changed.",
        "replaced": "Another question has taken the place of the one of this job."
        " Nothing was changed.",
        "gone_on": "The question of this job was to replace an earlier turn, and its"
        " conversation has gone on since. Nothing was changed.",
        "erased": "The conversation of this job was deleted. Nothing was changed.",
        "insufficient": "The balance of the person who asked does not cover the hold"
        " any more. Nothing was changed.",
    }


class NotDropped(Refusal):
    """This job cannot be dropped."""

    SENTENCES: ClassVar[Mapping[str, str]] = {
        "lane": "This job is somebody's lane on WhatsApp, which rests by itself when"
        " nothing waits in it. Nothing was changed.",
        "running": "This job is running: it can be dropped when it waits again, or is"
        " dead. Nothing was changed.",
        "ended": "This job has ended: only a queued or dead one is dropped. Nothing was"
        " changed.",
    }


COUNTED = """
    select state, kind, count(*) as number, min(created_at) as oldest,
           extract(epoch from clock_timestamp() - min(created_at))::float8 as age,
           count(*) filter (where lease_until < clock_timestamp()) as lapsed
      from jobs where state in ('queued', 'running')
     group by state, kind
    union all
    select state, kind, count(*), min(finished_at),
           extract(epoch from clock_timestamp() - min(finished_at))::float8, 0
      from jobs where state = 'dead'
     group by state, kind
     order by 1, 2
"""


@attrs.frozen
class JobRow:
    """A job in a list."""

    id: str
    kind: str
    state: str
    attempts: int
    max_attempts: int
    created_at: datetime
    age: float
    """Seconds since it was taken."""
    lease_owner: str | None
    lease_left: float | None
    """Seconds; below zero when the lease has run out."""
    last_error: str | None


@attrs.frozen
class JobStory:
    """All that is known of a job; each value by the name of its column."""

    job: Mapping[str, Any]
    answer: Mapping[str, Any] | None
    hold: Mapping[str, Any] | None
    outbox: tuple[Mapping[str, Any], ...]
    acts: tuple[Mapping[str, Any], ...]


def listed(
    connection: Connection, *, state: str | None, kind: str | None, limit: int
) -> tuple[JobRow, ...]:
    """The newest jobs, of one state or kind if one is given."""
    with connection.cursor() as cursor:
        cursor.execute(LIST, {"state": state, "kind": kind, "limit": limit})
        return tuple(JobRow(*row) for row in cursor.fetchall())


def counted(connection: Connection) -> list[Mapping[str, Any]]:
    """How many wait, run or are dead, and since when the oldest does; ``lapsed`` are
    those whose lease has run out. By the names of columns."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def shown(connection: Connection, job: str) -> JobStory:
    """Everything about one; raises NoSuchJob."""
    found = _rows(connection, JOB, job)
    if not found:
        raise NoSuchJob(NoSuchJob.__doc__)
    answers, holds = (_rows(connection, sql, job) for sql in (ANSWER, HOLDING))
    return JobStory(
        job=found[0],
        answer=answers[0] if answers else None,
        hold=holds[0] if holds else None,
        outbox=tuple(_rows(connection, OUTBOX, job)),
        acts=tuple(_rows(connection, ACTS, job)),
    )


def retry(connection: Connection, job: str, *, who: str, reason: str) -> None:
    """Gives a dead or failed job five more attempts; raises NoSuchJob, NotRetried."""
    outcome = _outcome(
        connection,
        "select retry_ended_job(%s, %s, %s, %s)",
        (job, HOLD, who, reason),
    )
    if outcome != "retried":
        raise NotRetried(NotRetried.SENTENCES[outcome])


def drop(connection: Connection, job: str, *, who: str, reason: str) -> None:
    """Ends a queued or dead job for good; raises NoSuchJob, NotDropped."""
    outcome = _outcome(connection, "select drop_job(%s, %s, %s)", (job, who, reason))
    if outcome != "dropped":
        raise NotDropped(NotDropped.SENTENCES[outcome])


def _outcome(connection: Connection, sql: str, values: tuple[object, ...]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        ((outcome,),) = cursor.fetchall()
    if outcome == "unknown":
        raise NoSuchJob(NoSuchJob.__doc__)
    return str(outcome)


def _rows(connection: Connection, sql: str, job: str) -> list[Mapping[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, (job,))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
