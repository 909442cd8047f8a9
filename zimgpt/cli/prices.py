"""``prices``: what a model's tokens cost, in thousandths of one of ours."""

from __future__ import annotations

import argparse
import json

import attrs

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.domain.ledger import Price
from zimgpt.store import operator

MOST = 1_000_000_000  # thousandths; a million of our tokens for one of the model's


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command and its two verbs."""
    parser = subparsers.add_parser(
        "prices",
        help="list or set what models cost",
        description="A model without a price is not asked. Prices are thousandths of"
        " one of our tokens for one token of the model: 1000 is one for one.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="the prices that are valid now")
    listing.set_defaults(run=run_list)
    setting = verbs.add_parser("set", help="a model's price from now on")
    setting.add_argument("model", metavar="MODEL", help="its name, as in [[models]]")
    setting.add_argument(
        "--prompt", type=_millis, required=True, metavar="MILLIS", help="what it reads"
    )
    setting.add_argument(
        "--completion",
        type=_dear,
        required=True,
        metavar="MILLIS",
        help="what it writes; at least 1",
    )
    setting.set_defaults(run=run_set)
    acting.add_options(setting, reason=False)
    for verb in (listing, setting):
        database.add_options(verb)
        verb.add_argument("--json", action="store_true", help="print JSON")


def run_list(arguments: argparse.Namespace) -> int:
    """Prints one line, or one JSON object of a list, for each model."""
    with database.connected(arguments) as connection:
        rows = operator.list_prices(connection)
    if arguments.json:
        valid = [(row.price, row.valid_from.isoformat()) for row in rows]
        print(
            json.dumps(
                [attrs.asdict(price) | {"valid_from": since} for price, since in valid]
            )
        )
    elif rows:
        for row in rows:
            print(f"{_sentence(row.price)}, since {row.valid_from:%Y-%m-%d %H:%M %Z}")
    else:
        print("no model has a price yet; see `python -m zimgpt prices set --help`")
    return 0


def run_set(arguments: argparse.Namespace) -> int:
    """Prints the price as it is now."""
    price = Price(arguments.model, arguments.prompt, arguments.completion)
    with database.connected(arguments) as connection:
        who, why = acting.who(arguments), arguments.reason or ""
        operator.set_price(connection, price, who=who, reason=why)
    print(json.dumps(attrs.asdict(price)) if arguments.json else _sentence(price))
    return 0


def _sentence(price: Price) -> str:
    return (
        f"{price.model}: prompt {price.prompt_millis}, completion"
        f" {price.completion_millis} thousandths of a token"
    )


def _millis(written: str) -> int:
    return _between(0, written)


def _dear(written: str) -> int:
    return _between(1, written)


def _between(low: int, written: str) -> int:
    if not written.isascii() or not written.isdigit():
        raise argparse.ArgumentTypeError(f"{written!r} is not a whole number")
    if not low <= int(written) <= MOST:
        raise argparse.ArgumentTypeError(f"expected {low} to {MOST}")
    return int(written)
