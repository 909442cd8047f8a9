"""A month of a wallet, out of the ledger itself."""

from __future__ import annotations

from typing import Any, Final

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.statements import Month, Movement, MovementKind, Payment
from zimgpt.store.pool import Pool, Row

# A wallet is both accounts of a person together: what moves between them, as a hold
# does, is no movement, and a settlement is exactly what was charged.
MOVED: Final = """
with moved as (
  select t.id, t.created_at, t.kind, t.idem_key, t.reason,
         sum(e.amount)::bigint as tokens
    from accounts w
    join entries e on e.account_id = w.id
    join transfers t on t.id = e.transfer_id
   where w.user_id = %(user)s and t.created_at < %(ends)s
   group by t.id
  having sum(e.amount) <> 0),
opening as (
  select coalesce(sum(tokens), 0)::bigint as tokens
    from moved where created_at < %(begins)s),
told as (
  select m.id, m.created_at, m.tokens, m.reason,
         case when m.kind = 'settle' then q.kind
              when m.idem_key like 'welcome:%%' then 'welcome'
              when m.idem_key like 'voucher:%%' then 'voucher'
              when m.kind = 'reinstate' then 'purchase'
              else m.kind end as kind,
         a.id as answer, c.id as conversation, c.title,
         p.merchant_ref, p.provider_ref, p.amount_minor, p.currency
    from moved m
    left join answers a
      on a.user_id = %(user)s
     and a.id = case when split_part(m.idem_key, ':', 1) in ('settle', 'refund')
                     then split_part(m.idem_key, ':', 2)::uuid end
    left join questions q on q.answer_id = a.id
    left join conversations c on c.id = a.conversation_id and c.deleted_at is null
    left join payments p
      on p.user_id = %(user)s
     and p.id = case when m.kind in ('purchase', 'clawback', 'reinstate')
                     then split_part(m.idem_key, ':', 2)::uuid end
   where m.created_at >= %(begins)s)
"""

SINGLY: Final = (
    MOVED
    + """
select o.tokens, t.created_at, t.kind, t.tokens, 1, t.title, t.reason,
       t.answer, t.conversation,
       t.merchant_ref, t.provider_ref, t.amount_minor, t.currency
  from opening o left join told t on true
 order by t.created_at, t.id
 limit %(most)s + 1
"""
)

DAILY: Final = "".join(
    (
        MOVED,
        """
select o.tokens, t.latest, t.kind, t.tokens, t.number, null, null, null, null,
       null, null, null, null
  from opening o
  left join (
    select max(created_at) as latest, kind, sum(tokens)::bigint as tokens,
           count(*)::int as number
      from told
     group by (created_at at time zone 'Africa/Harare')::date, kind) t on true
 order by t.latest, t.kind
""",
    )
)

KINDS: Final = {kind.value: kind for kind in MovementKind}


@attrs.frozen
class PgLedger:
    """``flows.ports.documents.Ledger`` in PostgreSQL."""

    _pool: Pool

    async def month(
        self, user: UserId, month: Month, most: int
    ) -> tuple[int, tuple[Movement, ...]]:
        """What was there when the month began, and what came and went."""
        params = {
            "user": user,
            "begins": month.begins,
            "ends": month.ends,
            "most": most,
        }
        rows = await self._pool.query(SINGLY, params)
        if len(rows) > most:
            rows = await self._pool.query(DAILY, params)
        opening: int = rows[0][0]
        return opening, tuple(_movement(row) for row in rows if row[1] is not None)


def _movement(row: Row) -> Movement:
    _, at, kind, tokens, number, title, reason, answer, conversation, *paid = row
    known = KINDS.get(kind, MovementKind.OTHER)
    said = reason if known in (MovementKind.GRANT, MovementKind.OTHER) else title
    return Movement(
        at=at,
        kind=known,
        tokens=tokens,
        count=number,
        title=said or "",
        answer=answer,
        conversation=conversation,
        payment=_payment(paid),
    )


def _payment(paid: list[Any]) -> Payment | None:
    reference, provider_reference, amount_minor, currency = paid
    if reference is None:
        return None
    return Payment(
        reference=reference,
        provider_reference=provider_reference,
        amount_minor=amount_minor,
        currency=currency,
    )
