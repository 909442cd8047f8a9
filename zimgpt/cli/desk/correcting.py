"""``payments credit`` and ``refund``."""

from __future__ import annotations

import argparse
import json
import secrets

from zimgpt.cli import acting
from zimgpt.cli.command import Subparsers
from zimgpt.cli.desk.typed import add_payment, finish, one
from zimgpt.domain.settable import MOST_TOKENS
from zimgpt.store import operator_corrections as store


def add(verbs: Subparsers) -> None:
    """Adds the two."""
    credit = verbs.add_parser(
        "credit",
        help="give tokens by hand, where none are credited by themselves",
        description="For what was paid but is not what was agreed to. Done once for"
        " each key: to repeat one whose outcome is not known, give its key. The reason"
        " is shown in the person's statement.",
    )
    credit.set_defaults(run=run_credit)
    refund = verbs.add_parser(
        "refund",
        help="take tokens whose money you gave back by hand",
        description="For money that went back outside the gateway: what goes back"
        " through it takes its tokens along by itself. Never below zero, never more"
        " than the payment brought, and once for each key. The reason is shown in the"
        " person's statement.",
    )
    refund.set_defaults(run=run_refund)
    for verb in (credit, refund):
        add_payment(verb)
        verb.add_argument("tokens", metavar="TOKENS", type=acting.count(MOST_TOKENS))
        verb.add_argument(
            "--key",
            type=acting.short(200),
            help="unique for ever; a random one unless given",
        )
        acting.add_options(verb, reason=True)
        finish(verb)


def run_credit(arguments: argparse.Namespace) -> int:
    """Prints what was done, the key and the balance."""
    return _correct(arguments, arguments.tokens, "given")


def run_refund(arguments: argparse.Namespace) -> int:
    """Prints what was done, the key and the balance."""
    return _correct(arguments, -arguments.tokens, "taken")


def _correct(arguments: argparse.Namespace, tokens: int, how: str) -> int:
    key, who = arguments.key or secrets.token_hex(8), acting.who(arguments)
    with one(arguments) as (connection, id):
        corrected = store.correct(
            connection, id, tokens, key=key, who=who, reason=arguments.reason
        )
    if arguments.json:
        balance = {"available": corrected.available, "key": key, "new": corrected.new}
        print(json.dumps({"id": id, **balance, "by": who}))
        return 0
    done = (
        f"{arguments.tokens} tokens were {how} under key {key}"
        if corrected.new
        else f"nothing changed: this was done under key {key} before"
    )
    print(f"{done}; the balance is {corrected.available}")
    return 0
