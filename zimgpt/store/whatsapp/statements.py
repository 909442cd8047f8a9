"""The latest entries of a wallet, as a person reads them."""

from __future__ import annotations

from typing import Final

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.dialogue.papers import MOST_MONTHS
from zimgpt.domain.dialogue.replies import Entry, Line
from zimgpt.domain.statements import Month
from zimgpt.store.pool import Pool

LATEST: Final = 10

# An answer is one line: what its hold was charged. Everything else is a transfer.
LINES: Final = """
    (select r.closed_at at time zone 'Africa/Harare', q.kind, -r.settled
       from reservations r join questions q on q.answer_id = r.answer_id
      where r.user_id = %(user)s and r.settled > 0
      order by r.closed_at desc limit %(limit)s)
    union all
    (select t.created_at at time zone 'Africa/Harare',
            case when t.idem_key like 'welcome:%%' then 'welcome' else t.kind end,
            e.amount
       from entries e
       join accounts a on a.id = e.account_id and a.kind = 'available'
       join transfers t on t.id = e.transfer_id
      where a.user_id = %(user)s and t.kind not in ('reserve', 'settle')
      order by e.version desc limit %(limit)s)
    order by 1 desc limit %(limit)s
"""

MONTHS: Final = """
    select extract(year from m)::int, extract(month from m)::int
      from (select distinct
                   date_trunc('month', t.created_at at time zone 'Africa/Harare') as m
              from accounts a
              join entries e on e.account_id = a.id
              join transfers t on t.id = e.transfer_id
             where a.user_id = %(user)s and a.kind = 'available') active
     where m < date_trunc('month', now() at time zone 'Africa/Harare')
     order by m desc limit %(limit)s
"""

ENTRIES: Final = {
    "welcome": Entry.WELCOME,
    "purchase": Entry.BOUGHT,
    "reinstate": Entry.BOUGHT,
    "clawback": Entry.CLAWED,
    "voucher": Entry.VOUCHER,
    "chat": Entry.CHAT,
    "essay": Entry.ESSAY,
    "voice": Entry.VOICE,
    "picture": Entry.PICTURE,
    "refund": Entry.BACK,
}


@attrs.frozen
class PgStatements:
    """What happened to wallets, in PostgreSQL."""

    _pool: Pool

    async def lines(self, user: UserId) -> tuple[Line, ...]:
        """The latest entries, newest first, in Zimbabwe's time."""
        rows = await self._pool.query(LINES, {"user": user, "limit": LATEST})
        return tuple(
            Line(when, ENTRIES.get(kind, Entry.OTHER), tokens)
            for when, kind, tokens in rows
        )

    async def months(self, user: UserId) -> tuple[Month, ...]:
        """Months before this one in which something happened, newest first."""
        rows = await self._pool.query(MONTHS, {"user": user, "limit": MOST_MONTHS})
        return tuple(Month(year, number) for year, number in rows)
