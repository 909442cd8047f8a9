"""``payments check``, ``approve``, ``reinstate`` and ``dismiss``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from zimgpt.cli import acting
from zimgpt.cli.command import Subparsers
from zimgpt.cli.desk.typed import add_payment, finish, one
from zimgpt.domain.topups.events import Approved, Dismissed, Reinstated
from zimgpt.domain.topups.states import stage
from zimgpt.store import operator_payments as store

Decision = type[Approved] | type[Reinstated] | type[Dismissed]

VERBS: tuple[tuple[str, Decision, str], ...] = (
    ("approve", Approved, "credit what was agreed to, for a payment in review"),
    ("reinstate", Reinstated, "give the tokens back: a dispute was won"),
    ("dismiss", Dismissed, "the money went back; there is nothing to credit"),
)


def add(verbs: Subparsers) -> None:
    """Adds the four."""
    checking = verbs.add_parser(
        "check", help="have the gateway asked now, whatever its next time is"
    )
    checking.set_defaults(run=run_check)
    _finish(checking, reason=False)
    for name, decision, help in VERBS:
        verb = verbs.add_parser(name, help=help)
        verb.set_defaults(run=_run(decision))
        _finish(verb, reason=True)


def run_check(arguments: argparse.Namespace) -> int:
    """Says that a node will ask."""
    who, why = acting.who(arguments), arguments.reason or ""
    with one(arguments) as (connection, id):
        store.check(connection, id, who=who, reason=why)
    if arguments.json:
        print(json.dumps({"id": id, "by": who}))
    else:
        print(f"payment {arguments.payment} is asked about next, within half a minute")
    return 0


def _run(decision: Decision) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        """Says how the payment stands now."""
        from zimgpt.store import operator_decisions  # Twisted is slow to import

        who = acting.who(arguments)
        with one(arguments) as (connection, id):
            settled = operator_decisions.decide(
                connection, id, decision, who=who, reason=arguments.reason
            )
        state = stage(settled.topup).value
        if arguments.json:
            print(json.dumps({"id": id, "state": state, "by": who}))
        else:
            print(f"payment {arguments.payment} is {state}")
        return 0

    return run


def _finish(verb: argparse.ArgumentParser, *, reason: bool) -> None:
    add_payment(verb)
    acting.add_options(verb, reason=reason)
    finish(verb)
