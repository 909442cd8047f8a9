"""``payments list``, ``queue`` and ``show``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.desk.typed import add_payment, finish, money, one
from zimgpt.cli.errors import MISUSED, CommandFailed
from zimgpt.cli.showing import moment, part, plain, span, table
from zimgpt.domain import phones
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.states import Stage
from zimgpt.store import operator_payments as store
from zimgpt.store.operator_payments import PaymentStory, Row

STATES = tuple(stage.value for stage in Stage if stage is not Stage.PAID)
HEADING = ("REFERENCE", "BEGUN", "STATE", "AMOUNT", "TOKENS", "BY", "WALLET", "GATEWAY")
QUEUE = ("REFERENCE", "AGE", "STATE", "AMOUNT", "TOKENS", "WHAT TO DO")
TO_DO = {
    "review": "compare it with the gateway's list; then approve, credit or dismiss",
    "disputed": "answer the gateway; won: reinstate",
}
WAIT = "look at the gateway's list; check asks it again"


def add(verbs: Subparsers) -> None:
    """Adds the three."""
    listing = verbs.add_parser("list", help="the newest payments")
    listing.add_argument("--state", choices=STATES, help="only those")
    listing.add_argument(
        "--currency", choices=[one.value for one in Currency], help="only those"
    )
    listing.add_argument(
        "--phone", help="only those of this wallet, or of the account of this number"
    )
    listing.add_argument(
        "--limit",
        type=acting.count(10**6),
        default=100,
        metavar="N",
        help="at most; 100",
    )
    listing.set_defaults(run=run_list)
    queue = verbs.add_parser("queue", help="what needs you, the oldest first")
    queue.set_defaults(run=run_queue)
    showing = verbs.add_parser("show", help="the whole evidence of a payment")
    add_payment(showing)
    showing.set_defaults(run=run_show)
    for verb in (listing, queue, showing):
        finish(verb)


def run_list(arguments: argparse.Namespace) -> int:
    """Prints a table, or a JSON list."""
    try:
        phone = phones.parse(arguments.phone) if arguments.phone else None
    except phones.NotAMobileNumber as error:
        raise CommandFailed(str(error), MISUSED) from None
    with database.connected(arguments) as connection:
        rows = store.listed(
            connection,
            state=arguments.state,
            currency=arguments.currency,
            phone=phone,
            limit=arguments.limit,
        )
    if arguments.json:
        print(json.dumps(plain(rows)))
    elif rows:
        print("\n".join(table([HEADING, *map(_cells, rows)])))
    else:
        print("no such payments")
    return 0


def run_queue(arguments: argparse.Namespace) -> int:
    """Prints what is to be done about each, or a JSON list."""
    with database.connected(arguments) as connection:
        rows = store.queue(connection)
    if arguments.json:
        print(json.dumps(plain(rows)))
    elif rows:
        print("\n".join(table([QUEUE, *map(_task, rows)])))
    else:
        print("nothing needs you")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Prints what is known of a payment, part by part."""
    with one(arguments) as (connection, id):
        story = store.shown(connection, id)
    if arguments.json:
        print(json.dumps(plain(attrs.asdict(story))))
    else:
        print("\n".join(_told(story)))
    return 0


def _cells(row: Row) -> tuple[str, ...]:
    phone = row["phone_e164"]
    return (
        row["merchant_ref"],
        moment(row["created_at"]),
        _state(row),
        money(row["amount_minor"], row["currency"]),
        str(row["tokens"]),
        row["method"],
        "-" if phone is None else phones.masked(phone),
        row["provider_ref"] or "-",
    )


def _task(row: Row) -> tuple[str, ...]:
    return (
        row["merchant_ref"],
        span(row["age"]),
        _state(row),
        money(row["amount_minor"], row["currency"]),
        str(row["tokens"]),
        TO_DO.get(row["state"], WAIT),
    )


def _state(row: Row) -> str:
    return f"{row['state']} ({row['reason']})" if row["reason"] else str(row["state"])


def _told(story: PaymentStory) -> Iterator[str]:
    parts: list[tuple[str, Mapping[str, Any]]] = [
        ("payment", story.payment),
        ("polls", story.polls),
        *(("event", row) for row in story.events),
        *(("transfer", row) for row in story.transfers),
        *(("act", row) for row in story.acts),
    ]
    for name, values in parts:
        yield from part(name, values)
