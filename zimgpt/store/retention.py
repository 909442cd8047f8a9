"""What is forgotten after a while, in commits of a bounded size."""

from __future__ import annotations

from datetime import timedelta

import attrs

from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.ports import Folded
from zimgpt.store.pool import Pool


@attrs.frozen
class PgRetention:
    """``ports.Retention`` on PostgreSQL."""

    _pool: Pool

    async def turn(self, every: timedelta) -> bool:
        """True for one node in each stretch of that length."""
        [(mine,)] = await self._pool.query(
            "select take_turn('forgetting', %s)", (every,)
        )
        return bool(mine)

    async def fold_answers(self, after: timedelta, limit: int) -> Folded:
        """The oldest first."""
        rows = await self._pool.query(
            "select answer_id, same from fold_answers(%s, %s)", (after, limit)
        )
        differing = tuple(AnswerId(answer) for answer, same in rows if not same)
        return Folded(len(rows) - len(differing), differing)

    async def blank_arrivals(self, after: timedelta, limit: int) -> int:
        """The oldest first."""
        [(count,)] = await self._pool.query(
            "select blank_arrivals(%s, %s)", (after, limit)
        )
        return int(count)

    async def refund_unread(self, after: timedelta, limit: int) -> int:
        """The oldest first."""
        [(count,)] = await self._pool.query(
            "select refund_unread(%s, %s)", (after, limit)
        )
        return int(count)

    async def forget_tries(self, after: timedelta, limit: int) -> int:
        """The oldest first."""
        [(count,)] = await self._pool.query(
            "select forget_voucher_tries(%s, %s)", (after, limit)
        )
        return int(count)

    async def forget_files(self, after: timedelta, limit: int) -> int:
        """The oldest first."""
        [(count,)] = await self._pool.query(
            "select forget_readings_and_proofs(%s, %s)", (after, limit)
        )
        return int(count)
