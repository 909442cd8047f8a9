"""What is sold, and at which rate, as operators set it, outside the reactor.

Each function works in its caller's transaction and never commits. Every change is a new
version; payments that have begun keep theirs.
"""

from __future__ import annotations

from typing import Any, Final

from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.errors import Refusal
from zimgpt.store.operator import NOTE
from zimgpt.store.operator_payments import Row, rows

PACKAGES: Final = """
    select distinct on (package) package, version, tokens, cents, offered, valid_from
      from packages where valid_from <= clock_timestamp()
     order by package, version desc
"""
SET: Final = """
    insert into packages (package, version, tokens, cents, offered)
      select %(package)s, coalesce(max(version), 0) + 1, %(tokens)s, %(cents)s,
             %(offered)s
        from packages where package = %(package)s
    on conflict do nothing
    returning package, version, tokens, cents, offered, valid_from
"""
RATES: Final = """
    select version, currency, cents_per_dollar, valid_from from rates
     where valid_from <= clock_timestamp()
     order by valid_from desc, version desc limit %(limit)s
"""
SET_RATE: Final = """
    insert into rates (currency, cents_per_dollar) values ('ZWG', %(cents)s)
    returning version, currency, cents_per_dollar, valid_from
"""


class SetByAnother(Refusal):
    """Somebody else has just changed this package. Please look at it again."""


class NoPackage(Refusal):
    """There is no package of that name. Nothing was changed."""


class LargeStep(Refusal):
    """This is far from the last rate. If it is right, say so (--sure)."""

    code = "large_step"


def packages(connection: Connection) -> list[Row]:
    """The latest version of each, the cheapest first; not all are offered."""
    return sorted(rows(connection, PACKAGES), key=lambda row: row["cents"])


def set_package(
    connection: Connection,
    package: str,
    tokens: int,
    cents: int,
    *,
    who: str,
    reason: str,
) -> Row:
    """A package as it is sold from now on; raises SetByAnother."""
    return _version(
        connection, package, tokens, cents, offered=True, who=who, reason=reason
    )


def withdraw(connection: Connection, package: str, *, who: str, reason: str) -> Row:
    """Sells it no more; raises NoPackage, SetByAnother."""
    for row in packages(connection):
        if row["package"] == package:
            last: tuple[int, int] = row["tokens"], row["cents"]
            return _version(
                connection, package, *last, offered=False, who=who, reason=reason
            )
    raise NoPackage


def rates(connection: Connection, limit: int) -> list[Row]:
    """The latest first, which is the one that counts."""
    return rows(connection, RATES, limit=limit)


def set_rate(
    connection: Connection, cents: int, *, sure: bool, who: str, reason: str
) -> Row:
    """So many ZiG cents are a dollar from now on; raises LargeStep."""
    for last in rates(connection, 1):
        before = int(last["cents_per_dollar"])
        if not sure and not before <= 2 * cents <= 4 * before:
            raise LargeStep
    [row] = rows(connection, SET_RATE, cents=cents)
    _note(connection, who, "rate", "rate ZWG", reason)
    return row


def _version(
    connection: Connection,
    package: str,
    tokens: int,
    cents: int,
    *,
    offered: bool,
    who: str,
    reason: str,
) -> Row:
    values: dict[str, Any] = {"package": package, "tokens": tokens, "cents": cents}
    made = rows(connection, SET, **values, offered=offered)
    if not made:
        raise SetByAnother
    _note(connection, who, "package", f"package {package}", reason)
    return made[0]


def _note(connection: Connection, who: str, act: str, on: str, reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NOTE, (who, act, on, reason))
