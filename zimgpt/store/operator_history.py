"""All versions of prices, costs, packages and rates, with who made each and why.

Each function works in its caller's transaction. What a version is and the note of who
made it are of one commit; the note's time is that of its statement, a moment later.
"""

from __future__ import annotations

from typing import Final

from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.store.operator_payments import Row, rows

NOTED: Final = """
      left join lateral (
        select a.who, a.reason from operator_acts a
         where a.subject = %(kind)s || ' ' || v.name and a.act = %(act)s
           and a.at >= v.valid_from and a.at < v.valid_from + interval '15 s'
         order by a.at limit 1) n on true
     order by v.valid_from desc, v.last desc limit %(limit)s
"""
PRICES: Final = "".join(
    (
        """
    select v.model, v.prompt_millis, v.completion_millis, v.valid_from, n.who, n.reason
      from (select *, model as name, id as last from prices) v""",
        NOTED,
    )
)
COSTS: Final = "".join(
    (
        """
    select v.model, v.prompt_micros, v.completion_micros, v.valid_from, n.who, n.reason
      from (select *, model as name, id as last from model_costs) v""",
        NOTED,
    )
)
PACKAGES: Final = "".join(
    (
        """
    select v.package, v.version, v.tokens, v.cents, v.offered, v.valid_from,
           n.who, n.reason
      from (select *, package as name, version as last from packages) v""",
        NOTED,
    )
)
RATES: Final = "".join(
    (
        """
    select v.version, v.currency, v.cents_per_dollar, v.valid_from, n.who, n.reason
      from (select *, currency as name, version as last from rates) v""",
        NOTED,
    )
)


def prices(connection: Connection, limit: int) -> list[Row]:
    """Of all models, the latest first."""
    return rows(connection, PRICES, kind="model", act="price", limit=limit)


def costs(connection: Connection, limit: int) -> list[Row]:
    """The same of what models cost us."""
    return rows(connection, COSTS, kind="model", act="cost", limit=limit)


def packages(connection: Connection, limit: int) -> list[Row]:
    """Of all packages, the latest first."""
    return rows(connection, PACKAGES, kind="package", act="package", limit=limit)


def rates(connection: Connection, limit: int) -> list[Row]:
    """The latest first."""
    return rows(connection, RATES, kind="rate", act="rate", limit=limit)
