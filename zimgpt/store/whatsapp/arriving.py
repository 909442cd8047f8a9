"""Webhooks on their way in, and the lanes that they wake."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import attrs

from zimgpt.flows.ports import Ticket
from zimgpt.flows.ports.contacts import ContactId, Lane, LaneKind, Received
from zimgpt.store.pool import Pool

Json = dict[str, Any]


@attrs.frozen
class PgIntake:
    """``ports.Intake`` on PostgreSQL."""

    _pool: Pool

    async def receive(self, items: Sequence[Json], origin: str) -> Received:
        """One statement and one commit for a whole webhook."""
        first, *woken = await self._pool.query(
            "select fresh, job_id, outbox_id from receive_whatsapp(%s, %s)",
            (json.dumps(items), origin),
        )
        tickets = tuple(Ticket(job, origin, outbox) for _, job, outbox in woken)
        return Received(first[0], tickets)


@attrs.frozen
class PgLanes:
    """``ports.Lanes`` with leases of ``lease``."""

    _pool: Pool
    _lease: timedelta

    async def claim(self, job: str, worker: str) -> Lane | None:
        """Takes a lane for one attempt."""
        [(kind, contact, attempt, aside)] = await self._pool.query(
            "select kind, contact_id, attempt, put_aside from claim_lane(%s, %s, %s)",
            (job, worker, self._lease),
        )
        if kind is None:
            return None
        return Lane(job, LaneKind(kind), ContactId(contact), attempt, aside)

    async def finish(self, job: str, worker: str, wait: timedelta | None) -> bool:
        """Rests, unless it was woken meanwhile."""
        [(again,)] = await self._pool.query(
            "select finish_lane(%s, %s, %s)", (job, worker, wait)
        )
        return bool(again)

    async def retry(
        self, job: str, worker: str, error: str, delay: timedelta, *, counts: bool
    ) -> None:
        """Back to the queue after an attempt that broke, or was cut short."""
        await self._pool.query(
            "select retry_lane(%s, %s, %s, %s, %s)", (job, worker, error, delay, counts)
        )
