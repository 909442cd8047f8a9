"""How the WhatsApp number stands, for its operator, outside the reactor.

Each function works in its caller's transaction and never commits.
"""

from __future__ import annotations

from datetime import date, timedelta

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.store.operator import NOTE

STATES = """
    select state, count(*) from whatsapp_outgoing
     where state in ('waiting', 'sending', 'unknown', 'held') group by state
"""
STOPPED = """
    select phone_id, stopped_at is not null, paused_until - clock_timestamp(),
           coalesce(reason, '')
      from whatsapp_numbers
     where stopped_at is not null or paused_until > clock_timestamp()
"""
CHARGED = """
    select day, category, billable, messages from whatsapp_prices_seen
     where day > current_date - %s order by day desc, category, billable
"""


@attrs.frozen
class Stopped:
    """A number that sends nothing; ``wait`` is None until a person has looked."""

    phone_id: str
    wait: timedelta | None
    reason: str


@attrs.frozen
class Charged:
    """What WhatsApp counted the messages of a day as."""

    day: date
    category: str
    billable: bool
    messages: int


@attrs.frozen
class Standing:
    """All of it; ``open`` are messages on their way, by state."""

    stopped: tuple[Stopped, ...]
    open: dict[str, int]
    charged: tuple[Charged, ...]


def standing(connection: Connection, days: int) -> Standing:
    """How it stands, with the charges of so many days."""
    with connection.cursor() as cursor:
        cursor.execute(STOPPED)
        stopped = tuple(
            Stopped(id, None if stops else wait, reason)
            for id, stops, wait, reason in cursor.fetchall()
        )
        cursor.execute(STATES)
        waiting = {state: int(count) for state, count in cursor.fetchall()}
        cursor.execute(CHARGED, (days,))
        charged = tuple(Charged(*row) for row in cursor.fetchall())
    return Standing(stopped, waiting, charged)


def resume(connection: Connection, phone_id: str, *, who: str, reason: str) -> bool:
    """Sends again; False if that number had not stopped."""
    with connection.cursor() as cursor:
        cursor.execute("select resume_number(%s)", (phone_id,))
        [(resumed,)] = cursor.fetchall()
        if resumed:
            cursor.execute(NOTE, (who, "resume", f"whatsapp {phone_id}", reason))
    return bool(resumed)
