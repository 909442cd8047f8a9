"""Words of operators to everybody, outside the reactor.

Each function works in its caller's transaction and never commits.
"""

from __future__ import annotations

import json
from typing import Final

from psycopg2.errors import NoDataFound
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.errors import NotFound, Refusal
from zimgpt.domain.messages import Text
from zimgpt.flows.ports.works import Broadcast
from zimgpt.store.operator_payments import Row, rows
from zimgpt.wire.messages import to_json


class OtherBroadcast(Refusal):
    """A broadcast with that id and other words was begun before. Nothing was sent; give these words an id of their own."""  # noqa: E501

    code = "other_broadcast"


class NoBroadcast(NotFound):
    """There is no broadcast with that id. Nothing was sent."""


LISTED: Final = """
    select b.id, b.whatsapp, b.web, b.made_at, b.until,
           (select jsonb_object_agg(key, value ->> 'body') from jsonb_each(b.texts))
             as texts,
           (select count(*) from broadcast_people p where p.broadcast_id = b.id)
             as sent,
           case when b.whatsapp and b.until > clock_timestamp()
                then (select count(*) from broadcast_waiting(b.id)) else 0 end
             as waiting,
           n.who, n.reason
      from broadcasts b
      left join lateral (
        select a.who, a.reason from operator_acts a
         where a.subject = 'broadcast ' || b.id and a.act = 'broadcast'
         order by a.id limit 1) n on true
     order by b.made_at desc limit %(limit)s
"""


def listed(connection: Connection, limit: int) -> list[Row]:
    """The latest first: to how many each was sent, and how many could still have it."""
    return rows(connection, LISTED, limit=limit)


def begin(
    connection: Connection, broadcast: Broadcast, *, who: str, reason: str
) -> bool:
    """True if it is new, False if it goes on; raises OtherBroadcast."""
    texts = {name: to_json(Text(words)) for name, words in broadcast.texts.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "select begin_broadcast(%s, %s, %s, %s, %s, %s, %s)",
            (
                broadcast.id,
                json.dumps(texts),
                broadcast.whatsapp,
                broadcast.web,
                broadcast.lasts,
                who,
                reason,
            ),
        )
        ((outcome,),) = cursor.fetchall()
    if outcome == "differs":
        raise OtherBroadcast
    return bool(outcome == "begun")


def waiting(connection: Connection, id: str) -> int:
    """How many people on WhatsApp it can still be sent to."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from broadcast_waiting(%s)", (id,))
        ((count,),) = cursor.fetchall()
    return int(count)


def send_some(connection: Connection, id: str, limit: int) -> int:
    """Gives the next people theirs; to how many, 0 when all have it. Raises
    NoBroadcast."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("select broadcast_some(%s, %s)", (id, limit))
        except NoDataFound:
            raise NoBroadcast from None
        ((count,),) = cursor.fetchall()
    return int(count)
