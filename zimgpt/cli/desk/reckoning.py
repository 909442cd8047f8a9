"""``payments reconcile`` and ``export``."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from datetime import date, timedelta

from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.cli import database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.desk.typed import finish, money
from zimgpt.cli.errors import MISUSED, CommandFailed
from zimgpt.cli.showing import plain, table
from zimgpt.domain import phones
from zimgpt.domain.phones import Phone
from zimgpt.store import operator_reckoning as store
from zimgpt.store.operator_payments import Row

MONEY = ("paid", "credited", "clawed_back", "reinstated", "difference")
HEADING = (
    *("DAY", "CURRENCY", "PAYMENTS", "PAID", "CREDITED"),
    *("CLAWED BACK", "REINSTATED", "DIFFERENCE"),
)


def add(verbs: Subparsers) -> None:
    """Adds the two."""
    reconciling = verbs.add_parser(
        "reconcile",
        help="by day and currency: paid, credited, clawed back, and the difference",
        description="Ends with 1 if anything was paid and not credited, or credited and"
        " not paid. Days are Zimbabwe's.",
    )
    reconciling.set_defaults(run=run_reconcile)
    exporting = verbs.add_parser(
        "export", help="CSV of the payments that were begun in these days"
    )
    exporting.set_defaults(run=run_export)
    for verb, json_too in ((reconciling, True), (exporting, False)):
        verb.add_argument(
            "--since", type=_day, metavar="DAY", help="such as 2026-11-01; 30 days ago"
        )
        verb.add_argument("--until", type=_day, metavar="DAY", help="inclusive; today")
        finish(verb, json=json_too)


def run_reconcile(arguments: argparse.Namespace) -> int:
    """Prints a table, or a JSON list of cents."""
    with database.connected(arguments) as connection:
        since, until = _days(connection, arguments)
        rows = store.reconciled(connection, since, until)
    if arguments.json:
        print(json.dumps([{**row, "day": row["day"].isoformat()} for row in rows]))
    elif rows:
        print("\n".join(table([HEADING, *map(_cells, rows)])))
    else:
        print("no money moved in these days")
    different = [row for row in rows if row["difference"]]
    for row in different:
        print(
            f"zimgpt: {row['day']} {row['currency']}: what was paid is not what was"
            " credited; run `python -m zimgpt invariants`",
            file=sys.stderr,
        )
    return 1 if different else 0


def run_export(arguments: argparse.Namespace) -> int:
    """Prints CSV; of a wallet's number the last digits."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    with database.connected(arguments) as connection:
        since, until = _days(connection, arguments)
        lines = store.exported(connection, since, until)
        heading = next(lines)
        wallet = heading.index("wallet")
        writer.writerow(heading)
        for line in lines:
            if line[wallet] is not None:
                line[wallet] = phones.masked(Phone(line[wallet]))
            writer.writerow(plain(line))
    return 0


def _cells(row: Row) -> tuple[str, ...]:
    amounts = (money(row[name], row["currency"]) for name in MONEY)
    return (str(row["day"]), row["currency"], str(row["payments"]), *amounts)


def _days(connection: Connection, arguments: argparse.Namespace) -> tuple[date, date]:
    until = arguments.until or store.today(connection)
    since = arguments.since or until - timedelta(days=30)
    if since > until:
        raise CommandFailed("--since is after --until", MISUSED)
    return since, until


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{written!r} is not a day such as 2026-11-01"
        ) from None
