"""People as operators see them, and what they do to them, outside the reactor.

Each function works in its caller's transaction and never commits. None but ``exported``
reads what anybody has asked or was answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.accounts import UserId
from zimgpt.domain.phones import Phone
from zimgpt.store.operator import NoAccount

FOUND = """
    select u.id, u.phone_e164, u.created_at, u.banned_at, a.balance, h.balance
      from users u
      join accounts a on a.user_id = u.id and a.kind = 'available'
      join accounts h on h.user_id = u.id and h.kind = 'held'
     where u.phone_e164 like %(digits)s and (%(before)s is null or u.id < %(before)s)
     order by u.id desc limit %(limit)s
"""

PERSON = """
    select u.id, u.phone_e164 as phone, u.created_at, u.banned_at, u.ban_reason,
           u.password_hash is not null as has_password, u.locked_until,
           (select balance from accounts where user_id = u.id and kind = 'available')
             as available,
           (select balance from accounts where user_id = u.id and kind = 'held')
             as held,
           (select count(*) from sessions where user_id = u.id) as sessions,
           (select count(*) from conversations
             where user_id = u.id and deleted_at is null) as conversations,
           (select count(*) from answers where user_id = u.id) as questions,
           (select count(*) from answers
             where user_id = u.id and finished_at is null) as under_way
      from users u where u.id = %(user)s
"""

CONTACTS = """
    select id, language, opted_out_at, heard_at, created_at
      from whatsapp_contacts where user_id = %(user)s order by id
"""

MOVES = """
    select t.created_at as at, t.kind, e.amount, e.balance_after as balance,
           t.idem_key as key, t.reason
      from accounts a
      join entries e on e.account_id = a.id
      join transfers t on t.id = e.transfer_id
     where a.user_id = %(user)s and a.kind = 'available'
     order by e.version desc limit %(limit)s
"""

PAGE = """
    select t.created_at as at, t.kind, e.amount, e.balance_after as balance,
           t.idem_key as key, t.reason, e.version
      from accounts a
      join entries e on e.account_id = a.id
      join transfers t on t.id = e.transfer_id
     where a.user_id = %(user)s and a.kind = 'available'
       and (%(before)s is null or e.version < %(before)s)
     order by e.version desc limit %(limit)s
"""

PAYMENTS = """
    select id::text, created_at, state, amount_minor, currency, tokens, merchant_ref
      from payments where user_id = %(user)s order by created_at desc limit %(limit)s
"""

ACTS = """
    select at, who, act, reason from operator_acts
     where subject = 'user ' || %(user)s order by id
"""

TURNS = """
    select c.id::text as conversation, c.title, c.kind, c.channel, a.created_at as at,
           q.text as question, a.text as answer, a.state, a.model, r.settled as tokens,
           a.id::text as turn, a.replaced_by::text
      from conversations c
      join answers a on a.conversation_id = c.id
      join questions q on q.answer_id = a.id
      left join reservations r on r.answer_id = a.id
     where c.user_id = %(user)s and c.deleted_at is null
     order by c.created_at, c.id, a.created_at, a.id
"""

SESSIONS = """
    select client, created_at, seen_at, expires_at from sessions
     where user_id = %(user)s order by created_at
"""


@attrs.frozen
class Person:
    """Somebody in a list."""

    id: UserId
    phone: Phone | None
    created_at: datetime
    banned_at: datetime | None
    available: int
    held: int


Row = Mapping[str, Any]


@attrs.frozen
class PersonStory:
    """All that is known of somebody but their words; values by the names of columns."""

    person: Row
    contacts: tuple[Row, ...]
    moves: tuple[Row, ...]
    """What moved the balance, latest first."""
    payments: tuple[Row, ...]
    acts: tuple[Row, ...]


def found(
    connection: Connection, digits: str, limit: int, before: UserId | None = None
) -> tuple[Person, ...]:
    """Those in whose numbers these digits stand together, newest first, and who came
    before one of them."""
    values = {"digits": f"%{digits}%", "before": before, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(FOUND, values)
        return tuple(Person(*row) for row in cursor.fetchall())


def known(connection: Connection, phone: Phone) -> UserId:
    """Whose number it is; raises NoAccount."""
    with connection.cursor() as cursor:
        cursor.execute("select id from users where phone_e164 = %s", (phone,))
        rows = cursor.fetchall()
    if not rows:
        raise NoAccount
    return UserId(rows[0][0])


def shown(connection: Connection, user: UserId, limit: int) -> PersonStory:
    """Everything about one, of long lists the latest; raises NoAccount."""
    people = _rows(connection, PERSON, user)
    if not people:
        raise NoAccount
    return PersonStory(
        people[0],
        tuple(_rows(connection, CONTACTS, user)),
        tuple(_rows(connection, MOVES, user, limit)),
        tuple(_rows(connection, PAYMENTS, user, limit)),
        tuple(_rows(connection, ACTS, user)),
    )


def moves(
    connection: Connection, user: UserId, before: int | None, limit: int
) -> list[Row]:
    """What moved the balance, latest first, before the row of that ``version``."""
    with connection.cursor() as cursor:
        cursor.execute(PAGE, {"user": user, "before": before, "limit": limit})
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def ban(connection: Connection, user: UserId, *, who: str, reason: str) -> bool:
    """They ask nothing any more and are signed out; False if they were banned."""
    return _done(connection, "ban_user", user, who, reason) == "banned"


def unban(connection: Connection, user: UserId, *, who: str, reason: str) -> bool:
    """They may again; False if they were not banned."""
    return _done(connection, "unban_user", user, who, reason) == "unbanned"


def exported(
    connection: Connection, user: UserId, *, who: str, reason: str
) -> dict[str, Any]:
    """Everything that is kept about a person, their words included; it is noted who
    took it and why. Raises NoAccount."""
    story = shown(connection, user, 2**31 - 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "select note_act(%s, 'export', 'user ' || %s, %s)", (who, user, reason)
        )
    return {
        "account": story.person,
        "whatsapp": story.contacts,
        "sessions": _rows(connection, SESSIONS, user),
        "balance": story.moves,
        "payments": story.payments,
        "conversations": _conversations(_rows(connection, TURNS, user)),
    }


def _conversations(turns: Sequence[Row]) -> list[dict[str, Any]]:
    told: dict[str, dict[str, Any]] = {}
    head = ("conversation", "title", "kind", "channel")
    for turn in turns:
        one = told.setdefault(
            turn["conversation"], {key: turn[key] for key in head} | {"turns": []}
        )
        rest = {key: value for key, value in turn.items() if key not in head}
        one["turns"].append(rest)
    return list(told.values())


def _done(
    connection: Connection, function: str, user: UserId, who: str, reason: str
) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s, %s, %s)", (user, who, reason))
        ((outcome,),) = cursor.fetchall()
    if outcome == "unknown":
        raise NoAccount
    return str(outcome)


def _rows(connection: Connection, sql: str, user: UserId, limit: int = 0) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"user": user, "limit": limit})
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
