"""``invariants``: whether all that must hold in the database does."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from zimgpt.cli import database
from zimgpt.store import invariants

if TYPE_CHECKING:
    from zimgpt.cli.command import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "invariants",
        help="check what must always hold in the database",
        description="Checks the ledger, holds, payments, answers and jobs against each"
        " other. Safe while the server works. Prints what is broken, and exits with 1"
        " if anything is.",
    )
    parser.add_argument(
        "--at-rest",
        action="store_true",
        help="also check what holds only when no question is under way",
    )
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    database.add_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints a line for each violation."""
    where = database.url(arguments)
    with database.explained():
        found = invariants.violations(where, at_rest=arguments.at_rest)
    if arguments.json:
        print(json.dumps([{"broken": name, "by": what} for name, what in found]))
    elif found:
        print("\n".join(f"{name}: {what}" for name, what in found))
    else:
        count = len(invariants.checks(at_rest=arguments.at_rest))
        print(f"all {count} invariants hold")
    return 1 if found else 0
