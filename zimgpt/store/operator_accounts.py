"""Operators as they are made, listed and shut out at the command line, outside the
reactor.

Each function works in its caller's transaction and never commits. They need the owner
of the tables: the application's role may do none of it.
"""

from __future__ import annotations

from datetime import datetime

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from zimgpt.domain.errors import Refusal
from zimgpt.store.operator import NOTE

LIST = """
    select o.name, o.made_at, o.disabled_at, coalesce(o.locked_until > now(), false),
           (select max(at) from operator_acts
             where act = 'sign_in' and subject = 'operator ' || o.name),
           (select count(*) from operator_sessions s
             where s.operator_id = o.id and s.proved and s.expires_at > now())
      from operators o order by o.name
"""


class OperatorThere(Refusal):
    """There is an operator of that name. Nothing was changed; `operators reset` gives them new secrets."""  # noqa: E501


class NoOperator(Refusal):
    """There is no operator of that name. Nothing was changed."""


class SecretChanged(Refusal):
    """An operator was given new secrets meanwhile. Nothing was changed; please do it again."""  # noqa: E501


@attrs.frozen
class OperatorRow:
    """An operator in a list."""

    name: str
    made_at: datetime
    disabled_at: datetime | None
    locked: bool
    signed_in_at: datetime | None
    sessions: int


def add(
    connection: Connection,
    name: str,
    password_hash: str,
    secret: str,
    *,
    who: str,
    reason: str,
) -> None:
    """A new operator, with the secret as it is kept; raises OperatorThere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into operators (name, password_hash, totp_secret)"
            " values (%s, %s, %s) on conflict do nothing returning id",
            (name, password_hash, secret),
        )
        if not cursor.fetchall():
            raise OperatorThere
    _note(connection, who, "add_operator", name, reason)


def reset(
    connection: Connection,
    name: str,
    password_hash: str | None,
    secret: str,
    *,
    who: str,
    reason: str,
) -> None:
    """Gives a new secret for codes, as it is kept, and a password if given; ends
    sessions and locks, and lets in who was disabled. Raises NoOperator."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update operators set totp_secret = %s, totp_step = 0, failures = 0,"
            " locked_until = null, disabled_at = null,"
            " password_hash = coalesce(%s, password_hash)"
            " where name = %s returning id",
            (secret, password_hash, name),
        )
        _end(cursor)
    _note(connection, who, "reset_operator", name, reason)


def disable(connection: Connection, name: str, *, who: str, reason: str) -> None:
    """They are signed out and let in no more; raises NoOperator."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update operators set disabled_at = coalesce(disabled_at, now())"
            " where name = %s returning id",
            (name,),
        )
        _end(cursor)
    _note(connection, who, "disable_operator", name, reason)


def kept_secrets(connection: Connection) -> dict[str, str]:
    """What codes are checked against, by name, as it is kept."""
    with connection.cursor() as cursor:
        cursor.execute("select name, totp_secret from operators order by name")
        return dict(cursor.fetchall())


def keep_anew(
    connection: Connection, name: str, before: str, kept: str, *, who: str, reason: str
) -> None:
    """The same secret in another form: nobody notices. Raises SecretChanged."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update operators set totp_secret = %s where name = %s and totp_secret = %s"
            " returning id",
            (kept, name, before),
        )
        if not cursor.fetchall():
            raise SecretChanged
    _note(connection, who, "seal_operator", name, reason)


def listed(connection: Connection) -> tuple[OperatorRow, ...]:
    """All of them, by name."""
    with connection.cursor() as cursor:
        cursor.execute(LIST)
        return tuple(OperatorRow(*row) for row in cursor.fetchall())


def _end(cursor: Cursor) -> None:
    """Ends the sessions of whom the cursor has just found."""
    found = cursor.fetchall()
    if not found:
        raise NoOperator
    cursor.execute("delete from operator_sessions where operator_id = %s", found[0])


def _note(connection: Connection, who: str, act: str, name: str, reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NOTE, (who, act, f"operator {name}", reason))
