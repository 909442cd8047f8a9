"""``export``: everything that is kept about a person, for that person."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.errors import CommandFailed
from zimgpt.cli.showing import plain
from zimgpt.cli.users import whom
from zimgpt.domain.errors import Refusal
from zimgpt.store import operator_people


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "export",
        help="write down everything that is kept about a person",
        description="Writes JSON: account, sessions, balance, payments, and all that"
        " they asked and were answered. It is kept who took it, and why.",
    )
    parser.add_argument("person", metavar="PERSON", help="a number, or user:ID")
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        help="a new file that only you can read; standard output unless given",
    )
    acting.add_options(parser, reason=True)
    database.add_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes it."""
    who = acting.who(arguments)
    try:
        with database.connected(arguments) as connection:
            user = whom(connection, arguments.person)
            exported = operator_people.exported(
                connection, user, who=who, reason=arguments.reason
            )
    except Refusal as refusal:
        raise CommandFailed(str(refusal)) from None
    text = json.dumps(plain(exported), indent=1, ensure_ascii=False) + "\n"
    if arguments.output is None:
        sys.stdout.write(text)
    else:
        _write(arguments.output, text)
        print(f"everything about user {user} is in {arguments.output}")
    return 0


def _write(path: Path, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with open(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise CommandFailed(f"{path}: {error.strerror}") from None
