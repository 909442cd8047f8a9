"""``migrate``: brings the database to this program's schema."""

from __future__ import annotations

import argparse
import json

from zimgpt.cli import database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.errors import CommandFailed
from zimgpt.store import migrations


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "migrate",
        help="bring the database to this program's schema",
        description="Applies the migrations that the database lacks, in order, each"
        " in a commit of its own. Safe to run again, and on several nodes at once.",
    )
    database.add_options(parser)
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the names of the files that were applied."""
    where = database.url(arguments)
    try:
        with database.explained():
            applied = migrations.migrate(where)
    except migrations.SchemaTooNew as error:
        raise CommandFailed(str(error)) from None
    if arguments.json:
        print(json.dumps({"applied": applied}))
    elif applied:
        print("\n".join(f"applied {name}" for name in applied))
    else:
        print("nothing to do: the database is up to date")
    return 0
