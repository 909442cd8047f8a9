"""Payments counted up by day, and as lines for a bookkeeper, outside the reactor.

Days are Zimbabwe's. Each function only reads, in its caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.store.operator_payments import Row, rows

# Paid is what the gateway, or a person here, called paid; credited is what the ledger
# holds of it. Both are counted on the day of the credit, so that midnight makes no
# difference, and what is paid and not credited on the day it was called paid.
RECONCILED: Final = """
with told as (
  select p.*, (
    select min(e.at) from payment_events e
     where e.payment_id = p.id
       and ((e.source = 'operator' and e.status = 'approved')
            or (e.hash_ok and e.matched and e.source in ('poll', 'trace', 'code')
                and lower(e.status) in ('paid', 'awaiting delivery', 'delivered')))
    ) as paid_at
    from payments p),
lines as (
  select coalesce(credited_at, paid_at) as at, currency,
         case when paid_at is not null
               and (credited_transfer is not null
                    or state not in ('review', 'disputed', 'refunded'))
              then amount_minor else 0 end as paid,
         case when exists (
                select from entries e join accounts a on a.id = e.account_id
                 where e.transfer_id = credited_transfer and e.amount = told.tokens
                   and a.user_id = told.user_id and a.kind = 'available')
              then amount_minor else 0 end as credited,
         0 as clawed, 0 as reinstated
    from told where credited_at is not null or paid_at is not null
  union all
  select t.created_at, p.currency, 0, 0, p.amount_minor, 0
    from payments p
    join transfers t on t.id in (p.clawback_transfer, p.reclaimed_transfer)
  union all
  select t.created_at, p.currency, 0, 0, 0, p.amount_minor
    from payments p join transfers t on t.id = p.reinstated_transfer),
days as (
  select (at at time zone 'Africa/Harare')::date as day, lines.* from lines)
select day, currency, count(*) filter (where credited > 0) as payments,
       sum(paid)::bigint as paid, sum(credited)::bigint as credited,
       sum(clawed)::bigint as clawed_back, sum(reinstated)::bigint as reinstated,
       (sum(paid) - sum(credited))::bigint as difference
  from days
 where day between %(since)s and %(until)s
 group by day, currency
having sum(paid + credited + clawed + reinstated) > 0
 order by day, currency
"""
EXPORT: Final = """
select p.merchant_ref as reference, p.id::text, p.provider_ref as gateway_reference,
       p.state, p.reason, p.created_at as begun_at, p.credited_at, p.currency,
       p.amount_minor, p.tokens, p.package, p.package_version,
       r.cents_per_dollar, p.method, p.phone_e164 as wallet, p.channel,
       p.user_id <> p.payer_id as for_somebody_else, p.clawed as taken_back,
       coalesce((select sum(c.tokens) from payment_corrections c
                  where c.payment_id = p.id), 0)::bigint as corrected
  from payments p left join rates r on r.version = p.rate_version
 where (p.created_at at time zone 'Africa/Harare')::date between %(since)s and %(until)s
 order by p.created_at, p.id
"""


def today(connection: Connection) -> date:
    """The day that it is in Zimbabwe, by the database's clock."""
    sql = "select (now() at time zone 'Africa/Harare')::date as day"
    [row] = rows(connection, sql)
    day: date = row["day"]
    return day


def reconciled(connection: Connection, since: date, until: date) -> list[Row]:
    """A row for each day and currency in which money or tokens moved, in cents."""
    return rows(connection, RECONCILED, since=since, until=until)


def exported(connection: Connection, since: date, until: date) -> Iterator[list[Any]]:
    """The heading and then each payment that was begun in these days, one at a time."""
    with connection.cursor(name="export") as cursor:
        cursor.execute(EXPORT, {"since": since, "until": until})
        first = cursor.fetchone()
        yield [column.name for column in cursor.description or ()]
        if first is not None:
            yield list(first)
        yield from map(list, cursor)
