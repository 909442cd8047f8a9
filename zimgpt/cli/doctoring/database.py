"""PostgreSQL: reachable, of this schema, careful with commits, its books in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.cli.doctoring.finding import Finding, Findings, broken, warning, well
from zimgpt.config import Config
from zimgpt.domain.operators import CodesUnreadable
from zimgpt.store import invariants, migrations, operator, operator_accounts
from zimgpt.store.sealing import Sealing

OLDEST = 150_000
"""PostgreSQL 15, the oldest that the tests run against."""
SKEW = 2.0
"""Seconds by which clocks may differ before it is worth a word."""
CAREFUL = ("fsync", "full_page_writes", "synchronous_commit")
"""Without these, what was committed may be gone after a crash."""
CONNECT = 5
"""Seconds."""


def look(config: Config, now: Callable[[], datetime]) -> Findings:
    """Everything about the database; ``now`` is this machine's time."""
    try:
        connection = psycopg2.connect(config.database_url, connect_timeout=CONNECT)
    except psycopg2.Error as error:
        said = " ".join(str(error).split())
        yield broken(
            "database",
            f"PostgreSQL cannot be reached: {said}",
            "See that it runs (systemctl status postgresql), and that database_url"
            " names its host, database, user and password.",
        )
        return
    try:
        yield from _inside(connection, config, now)
    finally:
        connection.close()


def _inside(
    connection: Connection, config: Config, now: Callable[[], datetime]
) -> Findings:
    yield _version(connection)
    yield from _careful(connection)
    yield _clock(connection, now)
    fits = _schema(config.database_url)
    yield fits
    if fits.state == "ok":
        yield _role(connection)
        yield _room(connection, config)
        yield _books(config.database_url)
        yield from _prices(connection, config)
        if config.admin_origins:
            yield from _operators(connection, config)


def _version(connection: Connection) -> Finding:
    number = connection.server_version
    shown = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    if number < OLDEST:
        return broken("database", f"{shown} is too old", "Upgrade to 15 or newer.")
    return well("database", f"{shown} answers")


def _careful(connection: Connection) -> Findings:
    for name in CAREFUL:
        if _value(connection, f"show {name}") == "off":
            yield broken(
                "database",
                f"{name} is off: a crash would lose what people were promised",
                f"Set {name} = on in postgresql.conf and reload it.",
            )


def _clock(connection: Connection, now: Callable[[], datetime]) -> Finding:
    before = now()
    theirs = _value(connection, "select clock_timestamp()")
    after = now()
    ours = before + (after - before) / 2
    apart = (theirs - ours).total_seconds()
    if abs(apart) > SKEW:
        return warning(
            "clock",
            f"PostgreSQL's clock is {apart:+.1f} s from this machine's",
            "Let chrony or systemd-timesyncd keep the time on both machines.",
        )
    return well("clock", f"within {max(abs(apart), 0.01):.2f} s of PostgreSQL's")


def _schema(url: str) -> Finding:
    try:
        migrations.check(url)
    except migrations.SchemaTooOld:
        return broken(
            "migrations",
            "the database lacks migrations of this program",
            "Run `zimgpt migrate`.",
        )
    except migrations.SchemaTooNew:
        return broken(
            "migrations",
            "the database was migrated by a newer ZimGPT",
            "Start the newer program again; a migration is not taken back.",
        )
    return well("migrations", f"all {len(migrations.known())} are applied")


def _role(connection: Connection) -> Finding:
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("set local role zimgpt_app")
            cursor.execute("select count(*) from prices")
    except psycopg2.Error:
        return broken(
            "rights",
            "this user may not work as zimgpt_app, as which the server does",
            "As PostgreSQL's superuser: grant zimgpt_app to the user in database_url.",
        )
    return well("rights", "the server's role zimgpt_app can be taken")


def _room(connection: Connection, config: Config) -> Finding:
    most = int(_value(connection, "show max_connections"))
    wanted = config.database_connections
    if wanted * 2 + 10 > most:
        return warning(
            "connections",
            f"a node wants {wanted} connections, and PostgreSQL allows {most} in all",
            "Raise max_connections, or lower database_connections; all nodes together"
            " and a dozen for operators must fit.",
        )
    return well("connections", f"{wanted} a node of {most} in all")


def _books(url: str) -> Finding:
    found = invariants.violations(url)
    if found:
        names = "; ".join(name for name, _ in found)
        return broken(
            "invariants",
            f"what must always hold does not: {names}",
            "Keep a copy of the database, run `zimgpt invariants` for the rows, and"
            " see the page on troubleshooting before anything is changed by hand.",
        )
    return well("invariants", f"all {len(invariants.checks(at_rest=False))} hold")


def _prices(connection: Connection, config: Config) -> Findings:
    priced = {row.price.model for row in operator.list_prices(connection)}
    connection.rollback()
    for model in config.models:
        if model.name not in priced:
            yield broken(
                "prices",
                f"{model.name} has no price, so it is not asked",
                f"Run `zimgpt prices set {model.name} --prompt … --completion …`.",
            )


def _operators(connection: Connection, config: Config) -> Findings:
    try:
        known = operator_accounts.listed(connection)
        kept = operator_accounts.kept_secrets(connection)
    except psycopg2.errors.InsufficientPrivilege:
        yield well("operators", "they are this database's owner's to see")
        return
    finally:
        connection.rollback()
    active = sum(row.disabled_at is None for row in known)
    if not active:
        yield warning(
            "operators",
            "there are admin pages, and nobody who may sign in to them",
            "Run `zimgpt operators add NAME`, or leave admin_origins out.",
        )
    else:
        yield well("operators", f"{active} may sign in to the admin pages")
        yield _sealed(kept, Sealing.of(config.operators_key))


def _sealed(kept: Mapping[str, str], sealing: Sealing) -> Finding:
    late = 0
    for name, secret in kept.items():
        try:
            sealing.opened(name, secret)
        except CodesUnreadable:
            return broken(
                "operators' secrets",
                f"no key of operators_key opens that of {name}, who is kept out",
                "Put the key that it was sealed with behind the first one, with a comma"
                f" between them, or run `zimgpt operators reset {name}`.",
            )
        late += not sealing.current(secret)
    if late:
        return warning(
            "operators' secrets",
            f"{late} of {len(kept)} are in clear, or sealed with an old key",
            "Run `zimgpt operators seal`; old keys may be left out after that.",
        )
    return well("operators' secrets", "all are sealed with the first key")


def _value(connection: Connection, sql: str) -> Any:  # noqa: ANN401 - whatever it is
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
        ((value,),) = cursor.fetchall()
    return value
