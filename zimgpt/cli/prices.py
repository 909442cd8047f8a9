"""``prices``: what a model's tokens cost, in thousandths of one of ours; and what they
cost whoever runs the service."""

from __future__ import annotations

import argparse
import json
import re

import attrs

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.showing import plain
from zimgpt.domain.ledger import Price
from zimgpt.domain.settable import MOST_MILLIS
from zimgpt.store import operator, operator_costs
from zimgpt.store.operator_payments import Row

_DOLLARS = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,6}))?")


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command and its verbs."""
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
    for verb in (listing, setting, *_add_costs(verbs)):
        database.add_options(verb)
        verb.add_argument("--json", action="store_true", help="print JSON")


def _add_costs(verbs: Subparsers) -> tuple[argparse.ArgumentParser, ...]:
    listing = verbs.add_parser("costs", help="what models cost us, as we were told")
    listing.set_defaults(run=run_costs)
    setting = verbs.add_parser("cost", help="what a model costs us from now on")
    setting.add_argument("model", metavar="MODEL", help="its name, as in [[models]]")
    for name, what in (("prompt", "reads"), ("completion", "writes")):
        setting.add_argument(
            f"--{name}",
            type=_micros,
            required=True,
            metavar="DOLLARS",
            help=f"US dollars for a million tokens that it {what}, such as 0.15",
        )
    setting.set_defaults(run=run_cost)
    acting.add_options(setting, reason=False)
    return listing, setting


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


def run_costs(arguments: argparse.Namespace) -> int:
    """Prints one line, or one JSON object of a list, for each model."""
    with database.connected(arguments) as connection:
        rows = operator_costs.costs(connection)
    if arguments.json:
        print(json.dumps(plain(rows)))
    elif rows:
        for row in rows:
            print(f"{_cost(row)}, since {row['valid_from']:%Y-%m-%d %H:%M %Z}")
    else:
        print("no model has a cost yet; see `python -m zimgpt prices cost --help`")
    return 0


def run_cost(arguments: argparse.Namespace) -> int:
    """Prints the cost as it is now."""
    who, why = acting.who(arguments), arguments.reason or ""
    with database.connected(arguments) as connection:
        row = operator_costs.set_cost(
            connection,
            arguments.model,
            arguments.prompt,
            arguments.completion,
            who=who,
            reason=why,
        )
    print(json.dumps(plain(row)) if arguments.json else _cost(row))
    return 0


def _cost(row: Row) -> str:
    read, written = (
        f"US${row[key] // 10**6}.{row[key] % 10**6:06}".rstrip("0").rstrip(".")
        for key in ("prompt_micros", "completion_micros")
    )
    return f"{row['model']}: prompt {read}, completion {written} for a million tokens"


def _sentence(price: Price) -> str:
    return (
        f"{price.model}: prompt {price.prompt_millis}, completion"
        f" {price.completion_millis} thousandths of a token"
    )


def _millis(written: str) -> int:
    return _between(0, written)


def _dear(written: str) -> int:
    return _between(1, written)


def _micros(written: str) -> int:
    """Millionths of a dollar."""
    read = _DOLLARS.fullmatch(written)
    if read is None:
        raise argparse.ArgumentTypeError(f"{written!r} is not an amount such as 0.15")
    return int(read[1]) * 10**6 + int((read[2] or "").ljust(6, "0"))


def _between(low: int, written: str) -> int:
    if not written.isascii() or not written.isdigit():
        raise argparse.ArgumentTypeError(f"{written!r} is not a whole number")
    if not low <= int(written) <= MOST_MILLIS:
        raise argparse.ArgumentTypeError(f"expected {low} to {MOST_MILLIS}")
    return int(written)
