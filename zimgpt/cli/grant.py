"""``grant``: gives tokens to an account."""

from __future__ import annotations

import argparse
import json
import secrets

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.errors import MISUSED, CommandFailed
from zimgpt.domain import phones
from zimgpt.domain.errors import Refusal
from zimgpt.domain.ledger import Tokens
from zimgpt.store import operator

MOST = 1_000_000_000


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "grant",
        help="give tokens to an account",
        description="Gives tokens to the account of a mobile number. A grant is made"
        " once for each key: to repeat one whose outcome is not known, give its key.",
    )
    parser.add_argument("phone", metavar="PHONE", help="such as +263771234567")
    parser.add_argument("tokens", metavar="TOKENS", type=_tokens)
    parser.add_argument("--reason", required=True, help="kept in the ledger")
    parser.add_argument("--key", help="unique for ever; a random one unless given")
    acting.add_by(parser)
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    database.add_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints what was done, the key and the balance."""
    key = arguments.key or secrets.token_hex(8)
    try:
        phone = phones.parse(arguments.phone)
    except phones.NotAMobileNumber as error:
        raise CommandFailed(str(error), MISUSED) from None
    try:
        with database.connected(arguments) as connection:
            granted = operator.grant(
                connection,
                phone,
                arguments.tokens,
                key=key,
                reason=arguments.reason,
                who=acting.who(arguments),
            )
    except Refusal as refusal:
        raise CommandFailed(str(refusal)) from None
    if arguments.json:
        balance = {"available": granted.available, "key": key, "new": granted.new}
        print(json.dumps(balance))
        return 0
    done = (
        f"granted {arguments.tokens} tokens to {phones.masked(phone)} under key {key}"
        if granted.new
        else f"nothing changed: a grant under key {key} was made before"
    )
    print(f"{done}; the balance is {granted.available}")
    return 0


def _tokens(written: str) -> Tokens:
    if not written.isascii() or not written.isdigit():
        raise argparse.ArgumentTypeError(f"{written!r} is not a whole number")
    if not 1 <= int(written) <= MOST:
        raise argparse.ArgumentTypeError(f"expected 1 to {MOST}")
    return Tokens(int(written))
