"""Brings a database to this program's schema: numbered files, forward only.

Runs before the reactor, so it speaks to PostgreSQL in the ordinary, waiting way.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

import attrs
import psycopg2

LOCK = 0x7A67_7074  # "zgpt": one migration at a time on one database


class SchemaTooNew(Exception):  # noqa: N818
    """The database was migrated by a newer ZimGPT. Please upgrade this one."""


class SchemaTooOld(Exception):  # noqa: N818
    """The database lacks migrations. Run `python -m zimgpt migrate` first."""


@attrs.frozen
class Migration:
    """One file of the schema; its number is the first four letters of its name."""

    name: str
    statements: str


def known() -> tuple[Migration, ...]:
    """Every migration that this program has, in order."""
    folder = files("zimgpt.store") / "schema"
    return tuple(
        Migration(entry.name, entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    )


def migrate(url: str, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Applies what is missing, each file in a commit of its own; returns their names.

    Several may be called at once: all but the first wait and then find nothing to do.
    """
    wanted = known() if migrations is None else migrations
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", (LOCK,))
            cursor.execute(
                "create table if not exists migrations ("
                " name text primary key, applied_at timestamptz not null default now())"
            )
            missing = _missing(wanted, _applied(cursor))
        connection.autocommit = False
        for migration in missing:
            with connection, connection.cursor() as cursor:
                cursor.execute(migration.statements)
                cursor.execute(
                    "insert into migrations (name) values (%s)", (migration.name,)
                )
        return [migration.name for migration in missing]
    finally:
        connection.close()


def check(url: str) -> None:
    """Raises SchemaTooOld or SchemaTooNew unless the database fits this program."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select to_regclass('migrations') is not null")
            (exists,) = cursor.fetchone() or (False,)
            applied = _applied(cursor) if exists else frozenset()
    finally:
        connection.close()
    compare(applied)


def compare(applied: frozenset[str]) -> None:
    """Raises SchemaTooOld or SchemaTooNew unless exactly what we know is applied."""
    if _missing(known(), applied):
        raise SchemaTooOld(SchemaTooOld.__doc__)


APPLIED = "select name from migrations"
"""For whoever asks on a connection of its own."""


def _applied(cursor: psycopg2.extensions.cursor) -> frozenset[str]:
    cursor.execute(APPLIED)
    return frozenset(name for (name,) in cursor.fetchall())


def _missing(
    wanted: Sequence[Migration], applied: frozenset[str]
) -> tuple[Migration, ...]:
    if applied - {migration.name for migration in wanted}:
        raise SchemaTooNew(SchemaTooNew.__doc__)
    return tuple(migration for migration in wanted if migration.name not in applied)
