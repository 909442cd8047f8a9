"""``packages``: what is sold, and for how much."""

from __future__ import annotations

import argparse
import json

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.desk.typed import cents, finish, money
from zimgpt.cli.errors import CommandFailed
from zimgpt.cli.showing import moment, plain, table
from zimgpt.domain.errors import Refusal
from zimgpt.domain.settable import MOST_TOKENS, PACKAGE
from zimgpt.store import operator_catalogue as store
from zimgpt.store.operator_payments import Row

HEADING = ("PACKAGE", "VERSION", "TOKENS", "PRICE", "SOLD", "SINCE")


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command and its verbs."""
    parser = subparsers.add_parser(
        "packages",
        help="list, set or withdraw what is sold",
        description="Prices are in US dollars; ZiG follows by the rate of the day. Each"
        " change is a new version, and payments that have begun keep theirs.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="all packages, the cheapest first")
    listing.set_defaults(run=run_list)
    setting = verbs.add_parser("set", help="a package from now on, new or changed")
    setting.add_argument("package", metavar="PACKAGE", type=_name)
    setting.add_argument("tokens", metavar="TOKENS", type=acting.count(MOST_TOKENS))
    setting.add_argument("price", metavar="DOLLARS", type=cents, help="such as 2.50")
    setting.set_defaults(run=run_set)
    withdrawing = verbs.add_parser("withdraw", help="sell a package no more")
    withdrawing.add_argument("package", metavar="PACKAGE", type=_name)
    withdrawing.set_defaults(run=run_withdraw)
    for verb in (setting, withdrawing):
        acting.add_options(verb, reason=False)
    for verb in (listing, setting, withdrawing):
        finish(verb)


def run_list(arguments: argparse.Namespace) -> int:
    """Prints a table, or a JSON list."""
    with database.connected(arguments) as connection:
        rows = store.packages(connection)
    if arguments.json:
        print(json.dumps(plain(rows)))
    elif rows:
        print("\n".join(table([HEADING, *map(_cells, rows)])))
    else:
        print("nothing is sold; see `python -m zimgpt packages set --help`")
    return 0


def run_set(arguments: argparse.Namespace) -> int:
    """Prints the package as it is sold now."""
    who, why = acting.who(arguments), arguments.reason or ""
    try:
        with database.connected(arguments) as connection:
            row = store.set_package(
                connection,
                arguments.package,
                arguments.tokens,
                arguments.price,
                who=who,
                reason=why,
            )
    except Refusal as refusal:
        raise CommandFailed(str(refusal)) from None
    price = money(row["cents"], "USD")
    return _said(arguments, row, f"is {row['tokens']} tokens for {price}")


def run_withdraw(arguments: argparse.Namespace) -> int:
    """Says that it is sold no more."""
    who, why = acting.who(arguments), arguments.reason or ""
    try:
        with database.connected(arguments) as connection:
            row = store.withdraw(connection, arguments.package, who=who, reason=why)
    except Refusal as refusal:
        raise CommandFailed(str(refusal)) from None
    return _said(arguments, row, "is sold no more")


def _said(arguments: argparse.Namespace, row: Row, how: str) -> int:
    said = f"package {row['package']} {how} (version {row['version']})"
    print(json.dumps(plain(row)) if arguments.json else said)
    return 0


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row["package"],
        str(row["version"]),
        str(row["tokens"]),
        money(row["cents"], "USD"),
        "yes" if row["offered"] else "no",
        moment(row["valid_from"]),
    )


def _name(written: str) -> str:
    if not PACKAGE.fullmatch(written):
        raise argparse.ArgumentTypeError("expected 1 to 32 of a-z, 0-9 and -")
    return written
