"""``rates``: how much ZiG a US dollar is."""

from __future__ import annotations

import argparse
import json

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.desk.typed import cents, finish, money
from zimgpt.cli.errors import CommandFailed
from zimgpt.cli.showing import moment, plain
from zimgpt.domain.errors import Refusal
from zimgpt.store import operator_catalogue as store
from zimgpt.store.operator_payments import Row


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command and its two verbs."""
    parser = subparsers.add_parser(
        "rates",
        help="list or set how much ZiG a US dollar is",
        description="Without a rate nothing is sold in ZiG. Payments that have begun"
        " keep the rate that they began with.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="the latest rates; the first one counts")
    listing.add_argument(
        "--limit", type=acting.count(10**6), default=10, metavar="N", help="10"
    )
    listing.set_defaults(run=run_list)
    setting = verbs.add_parser("set", help="the rate from now on")
    setting.add_argument(
        "rate", metavar="ZIG", type=cents, help="ZiG for a dollar, such as 26.80"
    )
    setting.add_argument(
        "--sure", action="store_true", help="though it is far from the last one"
    )
    setting.set_defaults(run=run_set)
    acting.add_options(setting, reason=False)
    for verb in (listing, setting):
        finish(verb)


def run_list(arguments: argparse.Namespace) -> int:
    """Prints a line for each, or a JSON list."""
    with database.connected(arguments) as connection:
        rows = store.rates(connection, arguments.limit)
    if arguments.json:
        print(json.dumps(plain(rows)))
    elif rows:
        print("\n".join(f"{_said(row)}, since {_since(row)}" for row in rows))
    else:
        print("there is no rate yet; see `python -m zimgpt rates set --help`")
    return 0


def run_set(arguments: argparse.Namespace) -> int:
    """Prints the rate as it is now."""
    who, why = acting.who(arguments), arguments.reason or ""
    try:
        with database.connected(arguments) as connection:
            row = store.set_rate(
                connection, arguments.rate, sure=arguments.sure, who=who, reason=why
            )
    except Refusal as refusal:
        raise CommandFailed(str(refusal)) from None
    print(json.dumps(plain(row)) if arguments.json else _said(row))
    return 0


def _said(row: Row) -> str:
    return f"US$1.00 is {money(row['cents_per_dollar'], row['currency'])}"


def _since(row: Row) -> str:
    return moment(row["valid_from"])
