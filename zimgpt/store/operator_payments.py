"""Payments as operators see them, outside the reactor.

Each function works in its caller's transaction and never commits. The addresses that
the gateway gave us are shown to nobody: whoever asks there gets an answer that is
signed as if for us.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.errors import NotFound, Refusal
from zimgpt.domain.phones import Phone
from zimgpt.store.operator import NOTE

Row = Mapping[str, Any]

COLUMNS: Final = """
    select p.id::text, p.merchant_ref, p.provider_ref, p.state, p.reason,
           p.amount_minor, p.currency, p.tokens, p.package, p.method, p.phone_e164,
           p.channel, p.user_id, p.payer_id, p.created_at, p.credited_at,
           extract(epoch from clock_timestamp() - p.created_at)::float8 as age
      from payments p
"""
LIST: Final = f"""
    {COLUMNS}
     where (%(state)s is null or p.state = %(state)s)
       and (%(currency)s is null or p.currency = %(currency)s)
       and (%(phone)s is null or p.phone_e164 = %(phone)s or exists (
             select from users u where u.phone_e164 = %(phone)s
                and u.id in (p.user_id, p.payer_id)))
       and (%(before)s::uuid is null or (p.created_at, p.id) < (
             select b.created_at, b.id from payments b where b.id = %(before)s::uuid))
     order by p.created_at desc, p.id desc limit %(limit)s
"""  # noqa: S608
# What a person waits for on the gateway's page is no exception: only what was asked,
# and nobody can say what became of it.
QUEUE: Final = f"""
    {COLUMNS}
     where p.state in ('review', 'disputed')
        or (p.state in ('created', 'sent', 'unknown')
            and p.created_at < clock_timestamp() - interval '1 hour')
     order by p.created_at, p.id
"""
FIND: Final = """
    select id::text from payments where id = %(id)s::uuid
        or merchant_ref in (%(word)s, upper(%(word)s))
"""
ONE: Final = """
    select p.id::text, p.merchant_ref, p.provider, p.provider_ref, p.state, p.reason,
           p.clawed, p.version, p.user_id, p.payer_id, p.channel, p.client_key,
           p.package, p.package_version, p.rate_version, r.cents_per_dollar,
           p.amount_minor, p.currency, p.tokens, p.method, p.phone_e164,
           p.poll_url is not null as can_be_polled, p.created_at, p.sent_at,
           p.credited_at
      from payments p left join rates r on r.version = p.rate_version
     where p.id = %(id)s
"""
POLLS: Final = """
    select polls, absents as found_nothing, misses as unanswered, hinted_at, looked_at,
           next_poll_at
      from payments where id = %(id)s
"""
EVENTS: Final = """
    select e.at, e.source, e.status, e.amount_minor, e.provider_ref, e.hash_ok,
           e.matched, e.note, i.body, i.seen_count
      from payment_events e left join inbox i on i.id = e.inbox_id
     where e.payment_id = %(id)s order by e.id
"""
TRANSFERS: Final = """
    select t.created_at, t.kind, t.idem_key as key, e.amount as tokens,
           e.balance_after, t.reason
      from payments p
     cross join lateral (
       select unnest(array[p.credited_transfer, p.clawback_transfer,
                           p.reinstated_transfer, p.reclaimed_transfer])
       union all select c.transfer_id from payment_corrections c
        where c.payment_id = p.id) as moved (id)
      join transfers t on t.id = moved.id
      join entries e on e.transfer_id = t.id
      join accounts a on a.id = e.account_id and a.user_id is not null
     where p.id = %(id)s order by t.id
"""
ACTS: Final = """
    select at, who, act, reason from operator_acts
     where subject = 'payment ' || %(id)s order by id
"""
SECRET: Final = re.compile(r"((?:poll|remoteotp)url=)[^&]*", re.IGNORECASE)


class NoSuchPayment(NotFound):
    """There is no payment with that id or reference."""


class NothingToAsk(Refusal):
    """The gateway knows nothing new of this payment. Nothing was changed."""


@attrs.frozen
class PaymentStory:
    """All that is known of a payment; each value by the name of its column."""

    payment: Row
    polls: Row
    events: tuple[Row, ...]
    transfers: tuple[Row, ...]
    acts: tuple[Row, ...]


def listed(
    connection: Connection,
    *,
    state: str | None,
    currency: str | None,
    phone: Phone | None,
    limit: int,
    before: str | None = None,
) -> list[Row]:
    """The newest payments, or those that were begun before the one with that id;
    ``phone`` is the wallet's that pays, or somebody's who began it or gets the
    tokens."""
    wanted = {"state": state, "currency": currency, "phone": phone, "before": before}
    return rows(connection, LIST, **wanted, limit=limit)


def queue(connection: Connection) -> list[Row]:
    """What needs a person, the oldest first."""
    return rows(connection, QUEUE)


def found(connection: Connection, word: str) -> str:
    """The id of the payment with that id or reference; raises NoSuchPayment."""
    try:
        id = str(UUID(word))
    except ValueError:
        id = None
    for row in rows(connection, FIND, id=id, word=word):
        return str(row["id"])
    raise NoSuchPayment


def shown(connection: Connection, id: str) -> PaymentStory:
    """Everything about one."""
    [payment], [polls] = (rows(connection, sql, id=id) for sql in (ONE, POLLS))
    events = (_read(row) for row in rows(connection, EVENTS, id=id))
    return PaymentStory(
        payment=payment,
        polls=polls,
        events=tuple(events),
        transfers=tuple(rows(connection, TRANSFERS, id=id)),
        acts=tuple(rows(connection, ACTS, id=id)),
    )


def check(connection: Connection, id: str, *, who: str, reason: str) -> None:
    """Has a node ask the gateway now, or as soon as it may be asked again; raises
    NothingToAsk."""
    [row] = rows(connection, "select state from payments where id = %(id)s", id=id)
    if row["state"] in ("created", "refunded"):
        raise NothingToAsk
    with connection.cursor() as cursor:
        cursor.execute("select take_look(%s, %s)", (id, timedelta(0)))
    noted(connection, "check_payment", id, who=who, reason=reason)


def noted(connection: Connection, act: str, id: str, *, who: str, reason: str) -> None:
    """Keeps who did what to a payment, and why."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE, (who, act, f"payment {id}", reason))


def rows(connection: Connection, sql: str, **params: object) -> list[Row]:
    """Values by the names of their columns."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _read(event: Row) -> Row:
    """The same with its body as text, without the addresses in it."""
    body = event["body"]
    text = None if not body else bytes(body).decode(errors="backslashreplace")
    return {**event, "body": None if text is None else SECRET.sub(r"\1…", text)}
