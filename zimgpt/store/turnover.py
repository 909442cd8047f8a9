"""The ledger's movements for metrics, read piece by piece."""

from __future__ import annotations

import attrs

from zimgpt.flows.counting import Moved, SetAside
from zimgpt.store.pool import Pool

# Ids are drawn before their commit. A minute later nothing with a lower one can still
# be under way: a statement has 5 s, and a transaction that rests is ended after 10.
SETTLED = """
    select coalesce(max(id), 0) from transfers
     where id > %s and created_at < now() - interval '1 minute'
"""

PLACE = "select coalesce(max(id), 0) from transfers"

# A hold moves within one wallet; all else is told by what the house gave or took.
SUM = """
    select t.kind, count(distinct t.id),
           coalesce(abs(sum(e.amount) filter (
             where case t.kind when 'reserve' then a.kind = 'held'
                                              else a.user_id is null end)), 0)
      from transfers t
      join entries e on e.transfer_id = t.id join accounts a on a.id = e.account_id
     where t.id > %s and t.id <= %s
     group by t.kind
"""

OPEN = """
    select count(*), coalesce(sum(amount), 0) from reservations where state = 'open'
"""


@attrs.frozen
class PgTurnover:
    """``counting.Turnover`` on PostgreSQL."""

    _pool: Pool

    async def moved(self, place: int | None) -> Moved:
        """Transfers that were committed at least a minute ago, after ``place``."""
        if place is None:
            [(last,)] = await self._pool.query(PLACE)
            return Moved(int(last))
        [(last,)] = await self._pool.query(SETTLED, (place,))
        end = max(int(last), place)
        rows = await self._pool.query(SUM, (place, end)) if end > place else []
        return Moved(
            end,
            {kind: int(count) for kind, count, _ in rows},
            {kind: int(tokens) for kind, _, tokens in rows},
        )

    async def set_aside(self) -> SetAside:
        """Open holds."""
        [(holds, tokens)] = await self._pool.query(OPEN)
        return SetAside(int(holds), int(tokens))
