"""What the verbs of ``payments``, ``packages`` and ``rates`` are told, and options that
they share."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.cli import database
from zimgpt.cli.errors import CommandFailed
from zimgpt.domain.errors import Refusal
from zimgpt.domain.settable import MOST_CENTS
from zimgpt.domain.topups.money import Amount, Currency
from zimgpt.store import operator_payments

_MONEY = re.compile(r"([0-9]{1,9})(?:\.([0-9]{2}))?")


def add_payment(verb: argparse.ArgumentParser) -> None:
    """Which payment."""
    verb.add_argument(
        "payment", metavar="PAYMENT", help="its reference (ZG-…) or its id"
    )


def finish(verb: argparse.ArgumentParser, *, json: bool = True) -> None:
    """What every verb has."""
    if json:
        verb.add_argument("--json", action="store_true", help="print JSON")
    database.add_options(verb)


@contextmanager
def one(arguments: argparse.Namespace) -> Iterator[tuple[Connection, str]]:
    """A transaction and the id of the payment; what is refused is told."""
    try:
        with database.connected(arguments) as connection:
            yield connection, operator_payments.found(connection, arguments.payment)
    except Refusal as refusal:
        raise CommandFailed(str(refusal)) from None


def cents(written: str) -> int:
    """Cents of an amount such as 0.50, 5 or 26.80."""
    read = _MONEY.fullmatch(written)
    if read is None:
        raise argparse.ArgumentTypeError(f"{written!r} is not an amount such as 2.50")
    amount = int(read[1]) * 100 + int(read[2] or 0)
    if not 1 <= amount <= MOST_CENTS:
        raise argparse.ArgumentTypeError(f"expected 0.01 to {MOST_CENTS // 100}")
    return amount


def money(minor: int | None, currency: str) -> str:
    """As people write it; what was taken back is below zero."""
    if not minor:
        return "-" if minor is None else "0"
    return ("-" if minor < 0 else "") + str(Amount(abs(minor), Currency(currency)))
