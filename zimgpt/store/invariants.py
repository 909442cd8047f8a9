"""Checks that what must always hold in the database does; see ``invariants.sql``.

Speaks to PostgreSQL in the ordinary, waiting way: for operators, tests and drills.
"""

from __future__ import annotations

from importlib.resources import files

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

AT_REST = "At rest ---"
"""In the heading of the checks that hold only when nothing is under way."""


def checks(*, at_rest: bool = True) -> tuple[str, ...]:
    """The statements, one for each check."""
    text = (files("zimgpt.store") / "invariants.sql").read_text(encoding="utf-8")
    lines: list[str] = []
    for line in text.splitlines():
        if AT_REST in line and not at_rest:
            break
        if not line.startswith("--"):
            lines.append(line)
    statements = "\n".join(lines).split(";")
    return tuple(one.strip() for one in statements if one.strip())


def violations(url: str, *, at_rest: bool = False) -> list[tuple[str, str]]:
    """What is broken, and by what, as of one moment; empty when all is well.

    With ``at_rest`` also what holds only when nothing is under way.
    """
    connection = psycopg2.connect(url)
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection:
            return look(connection, at_rest=at_rest)
    finally:
        connection.close()


def look(connection: Connection, *, at_rest: bool) -> list[tuple[str, str]]:
    """``violations`` as the transaction of this connection sees them."""
    found: list[tuple[str, str]] = []
    with connection.cursor() as cursor:
        for check in checks(at_rest=at_rest):
            cursor.execute(check)
            found.extend((name, what) for name, what in cursor.fetchall())
    return found
