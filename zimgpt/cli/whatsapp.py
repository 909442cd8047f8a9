"""``whatsapp``: how the number stands, what it costs, and going on after a stop."""

from __future__ import annotations

import argparse
import json

import attrs

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.errors import CommandFailed
from zimgpt.store import operator_whatsapp
from zimgpt.store.operator_whatsapp import Charged, Standing, Stopped


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command and its two verbs."""
    parser = subparsers.add_parser(
        "whatsapp",
        help="look at the WhatsApp number, or let it send again",
        description="When WhatsApp refuses our token or account, sending stops, so that"
        " nothing is made worse; what people write is still taken. Mend the cause, then"
        " let it send again.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    showing = verbs.add_parser("show", help="what is stopped, what waits, what it cost")
    showing.add_argument(
        "--days",
        type=acting.count(3650),
        default=7,
        metavar="N",
        help="days of charges; 7 unless given",
    )
    showing.set_defaults(run=run_show)
    resuming = verbs.add_parser("resume", help="send again, after a stop")
    resuming.add_argument("phone_id", metavar="ID", help="the number's id, as shown")
    resuming.set_defaults(run=run_resume)
    acting.add_options(resuming, reason=False)
    for verb in (showing, resuming):
        database.add_options(verb)
        verb.add_argument("--json", action="store_true", help="print JSON")


def run_show(arguments: argparse.Namespace) -> int:
    """Prints all of it."""
    with database.connected(arguments) as connection:
        stands = operator_whatsapp.standing(connection, arguments.days)
    if arguments.json:
        print(json.dumps(_object(stands)))
        return 0
    for number in stands.stopped:
        print(_stopped(number))
    if not stands.stopped:
        print("sending: yes")
    waiting = ", ".join(f"{count} {state}" for state, count in stands.open.items())
    print(f"on their way: {waiting or 'none'}")
    for charge in stands.charged:
        print(_charged(charge))
    return 0


def run_resume(arguments: argparse.Namespace) -> int:
    """Says that it sends again; 1 if it had not stopped."""
    with database.connected(arguments) as connection:
        resumed = operator_whatsapp.resume(
            connection,
            arguments.phone_id,
            who=acting.who(arguments),
            reason=arguments.reason or "",
        )
    if not resumed:
        raise CommandFailed(f"{arguments.phone_id} is not stopped; see whatsapp show")
    said = {"resumed": arguments.phone_id}
    print(json.dumps(said) if arguments.json else f"{arguments.phone_id} sends again")
    return 0


def _stopped(number: Stopped) -> str:
    if number.wait is None:
        until = f"until somebody says: zimgpt whatsapp resume {number.phone_id}"
    else:
        until = f"for {number.wait.total_seconds():.0f} s"
    return f"stopped: {number.phone_id}, {until} ({number.reason})"


def _charged(charge: Charged) -> str:
    free = "" if charge.billable else " (free)"
    return f"{charge.day}: {charge.messages} {charge.category}{free}"


def _object(stands: Standing) -> dict[str, object]:
    return {
        "stopped": [
            {
                "phone_id": one.phone_id,
                "seconds": None if one.wait is None else one.wait.total_seconds(),
                "reason": one.reason,
            }
            for one in stands.stopped
        ],
        "open": stands.open,
        "charged": [
            attrs.asdict(one) | {"day": one.day.isoformat()} for one in stands.charged
        ],
    }
