"""Vouchers as operators make, count and revoke them, outside the reactor.

Each function works in its caller's transaction and never commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.vouchers import NoBatch

BATCHES = """
    select b.batch, b.tokens, count(v.id) as vouchers, count(v.user_id) as redeemed,
           b.made_at, b.expires_at, b.revoked_at
      from voucher_batches b left join vouchers v on v.batch = b.batch
     group by b.batch order by b.made_at desc, b.batch
"""


def make(
    connection: Connection,
    batch: str,
    tokens: int,
    digests: Sequence[bytes],
    ends: timedelta,
    *,
    who: str,
    reason: str,
) -> bool:
    """A batch of vouchers; False if there is one of that name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select make_vouchers(%s, %s, %s::bytea[], %s, %s, %s)",
            (batch, tokens, list(digests), ends, who, reason),
        )
        ((made,),) = cursor.fetchall()
    return bool(made)


def batches(connection: Connection) -> list[Mapping[str, Any]]:
    """All of them, the latest first; values by the names of columns."""
    with connection.cursor() as cursor:
        cursor.execute(BATCHES)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def revoke(connection: Connection, batch: str, *, who: str, reason: str) -> bool:
    """False if it was revoked before; raises NoBatch."""
    with connection.cursor() as cursor:
        cursor.execute("select revoke_vouchers(%s, %s, %s)", (batch, who, reason))
        ((outcome,),) = cursor.fetchall()
    if outcome == "unknown":
        raise NoBatch
    return bool(outcome == "revoked")
