"""``broadcast``: words to everybody, once each."""

from __future__ import annotations

import argparse
import json
from datetime import timedelta
from pathlib import Path

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.errors import CommandFailed
from zimgpt.domain.errors import Refusal
from zimgpt.domain.settable import AT_ONCE, LABEL, LANGUAGES, LONGEST, MOST_HOURS
from zimgpt.flows.ports.works import Broadcast
from zimgpt.store import operator_broadcasts as broadcasts

DESCRIPTION = (
    "Sends words on WhatsApp to those who wrote within the last day and have not said"
    " STOP, and shows them in the web app. Nobody gets the same id twice, so a"
    " broadcast that was interrupted is gone on with by giving the same command again;"
    " that also reaches those who have written meanwhile."
)


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "broadcast",
        help="say something to everybody",
        description=DESCRIPTION,
    )
    parser.add_argument("id", metavar="ID", type=_id, help="such as 2026-11-outage")
    parser.add_argument("--en", metavar="FILE", type=_words, required=True)
    parser.add_argument("--sn", metavar="FILE", type=_words, help="in Shona")
    parser.add_argument("--nd", metavar="FILE", type=_words, help="in Ndebele")
    parser.add_argument(
        "--only", choices=("whatsapp", "web"), help="not on the other of the two"
    )
    parser.add_argument(
        "--hours",
        type=acting.count(MOST_HOURS),
        default=24,
        metavar="N",
        help="how long it is shown, and worth sending; 24",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say to how many it would go"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    acting.add_options(parser, reason=True)
    database.add_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Says to how many it went; a commit for every hundred."""
    who = acting.who(arguments)
    said = _broadcast(arguments)
    if arguments.dry_run:
        return _count(arguments, said)
    try:
        with database.connected(arguments) as connection:
            new = broadcasts.begin(connection, said, who=who, reason=arguments.reason)
    except Refusal as refusal:
        raise CommandFailed(str(refusal)) from None
    sent = _send(arguments, said)
    if arguments.json:
        print(json.dumps({"id": said.id, "new": new, "sent": sent, "web": said.web}))
    else:
        where = (
            f" and is shown in the web app for {arguments.hours} h" if said.web else ""
        )
        begun = "goes" if new else "was begun before, and goes"
        print(f"{said.id} {begun} to {sent} people on WhatsApp{where}")
    return 0


def _send(arguments: argparse.Namespace, said: Broadcast) -> int:
    sent = 0
    while said.whatsapp:
        with database.connected(arguments) as connection:
            some = broadcasts.send_some(connection, said.id, AT_ONCE)
        if not some:
            break
        sent += some
        if not arguments.json and sent % (10 * AT_ONCE) == 0:
            print(f"{sent} so far", flush=True)
    return sent


def _count(arguments: argparse.Namespace, said: Broadcast) -> int:
    with database.connected(arguments) as connection:
        count = broadcasts.waiting(connection, said.id) if said.whatsapp else 0
    if arguments.json:
        print(json.dumps({"id": said.id, "would_send": count, "web": said.web}))
    else:
        print(f"{said.id} would go to {count} people on WhatsApp")
    return 0


def _broadcast(arguments: argparse.Namespace) -> Broadcast:
    given = {name: getattr(arguments, name) for name in LANGUAGES}
    return Broadcast(
        arguments.id,
        {name: words for name, words in given.items() if words is not None},
        whatsapp=arguments.only != "web",
        web=arguments.only != "whatsapp",
        lasts=timedelta(hours=arguments.hours),
    )


def _id(written: str) -> str:
    if not LABEL.fullmatch(written):
        raise argparse.ArgumentTypeError(
            "expected up to 64 letters, digits, dots, dashes and underscores"
        )
    return written


def _words(path: str) -> str:
    """A text from a file: a command line would break it into pieces."""
    try:
        words = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise argparse.ArgumentTypeError(f"{path} cannot be read as text") from None
    if not words or len(words) > LONGEST:
        raise argparse.ArgumentTypeError(f"{path}: expected 1 to {LONGEST} characters")
    return words
