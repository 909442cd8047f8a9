"""Words of operators to everybody, outside the reactor.

Each function works in its caller's transaction and never commits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.errors import Refusal
from zimgpt.domain.messages import Text
from zimgpt.wire.messages import to_json


class OtherBroadcast(Refusal):
    """A broadcast with that id and other words was begun before. Nothing was sent; give these words an id of their own."""  # noqa: E501

    code = "other_broadcast"


@attrs.frozen
class Broadcast:
    """What is said, by language (``en`` at least), where, and for how long."""

    id: str
    texts: Mapping[str, str]
    whatsapp: bool
    web: bool
    lasts: timedelta


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
    """Gives the next people theirs; to how many, 0 when all have it."""
    with connection.cursor() as cursor:
        cursor.execute("select broadcast_some(%s, %s)", (id, limit))
        ((count,),) = cursor.fetchall()
    return int(count)
