"""``vouchers``: makes a batch of printed codes, lists batches, revokes one."""

from __future__ import annotations

import argparse
import json
import secrets
from datetime import timedelta

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.errors import CommandFailed
from zimgpt.cli.showing import moment, plain, table
from zimgpt.domain import vouchers
from zimgpt.domain.errors import Refusal
from zimgpt.domain.settable import MOST_CODES, MOST_DAYS, MOST_TOKENS
from zimgpt.domain.vouchers import BatchExists
from zimgpt.store import operator_vouchers as store

HEADING = ("BATCH", "TOKENS", "VOUCHERS", "REDEEMED", "EXPIRES", "REVOKED")


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command and its verbs."""
    parser = subparsers.add_parser(
        "vouchers",
        help="make, list or revoke vouchers",
        description="Codes are printed once, when they are made, and kept as digests:"
        " nobody can print them again.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    making = verbs.add_parser("make", help="a batch of vouchers; prints their codes")
    making.add_argument("batch", metavar="BATCH", type=acting.short(64))
    making.add_argument("count", metavar="COUNT", type=acting.count(MOST_CODES))
    making.add_argument("tokens", metavar="TOKENS", type=acting.count(MOST_TOKENS))
    making.add_argument(
        "--days", type=acting.count(MOST_DAYS), default=365, help="good for; 365"
    )
    making.set_defaults(run=run_make)
    listing = verbs.add_parser("list", help="all batches")
    listing.set_defaults(run=run_list)
    revoking = verbs.add_parser("revoke", help="nobody redeems what is left of one")
    revoking.add_argument("batch", metavar="BATCH")
    revoking.set_defaults(run=run_revoke)
    for verb in (making, revoking):
        acting.add_options(verb, reason=True)
    for verb in (making, listing, revoking):
        verb.add_argument("--json", action="store_true", help="print JSON")
        database.add_options(verb)


def run_make(arguments: argparse.Namespace) -> int:
    """Prints the codes, one a line, after they were kept."""
    codes = [vouchers.made(secrets.token_bytes(16)) for _ in range(arguments.count)]
    with database.connected(arguments) as connection:
        made = store.make(
            connection,
            arguments.batch,
            arguments.tokens,
            [vouchers.digest(vouchers.read(code)) for code in codes],
            timedelta(days=arguments.days),
            who=acting.who(arguments),
            reason=arguments.reason,
        )
    if not made:
        raise CommandFailed(str(BatchExists()))
    print(json.dumps(codes) if arguments.json else "\n".join(codes))
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """Prints a table, or a JSON list."""
    with database.connected(arguments) as connection:
        rows = store.batches(connection)
    if arguments.json:
        print(json.dumps(plain(rows)))
    elif rows:
        cells = [
            (
                row["batch"],
                *(str(row[key]) for key in ("tokens", "vouchers", "redeemed")),
                moment(row["expires_at"]),
                moment(row["revoked_at"]),
            )
            for row in rows
        ]
        print("\n".join(table([HEADING, *cells])))
    else:
        print("there are no vouchers")
    return 0


def run_revoke(arguments: argparse.Namespace) -> int:
    """Says that it is revoked."""
    batch, who = arguments.batch, acting.who(arguments)
    try:
        with database.connected(arguments) as connection:
            changed = store.revoke(connection, batch, who=who, reason=arguments.reason)
    except Refusal as refusal:
        raise CommandFailed(str(refusal)) from None
    if arguments.json:
        print(json.dumps({"batch": batch, "changed": changed, "by": who}))
    else:
        print(f"batch {batch} {'is' if changed else 'was already'} revoked")
    return 0
