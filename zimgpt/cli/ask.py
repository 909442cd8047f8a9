"""``ask``: a question to a running server, its answer on the terminal.

The smoke test of a deployment: it signs in, holds tokens, streams and settles.
"""

from __future__ import annotations

import argparse
import contextlib
import getpass
import json
import math
import os
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimgpt.cli.errors import MISUSED, CommandFailed

if TYPE_CHECKING:
    from zimgpt.cli.command import Subparsers
    from zimgpt.cli.dialogue import Outcome

URL = "http://127.0.0.1:8080"


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "ask",
        help="ask a running server",
        description="Asks a question as a signed-in person and prints the answer as it"
        " is written, then its cost; a pipe or a file gets it once it is whole, for an"
        " answer may begin again. A lost connection is made again for as long as it"
        " takes. Without --phone it uses the demo account that `zimgpt run` has made."
        " The password comes from ZIMGPT_PASSWORD, a file or the terminal.",
    )
    parser.add_argument("text", metavar="QUESTION")
    parser.add_argument("--essay", action="store_true", help="a long, scholarly answer")
    parser.add_argument(
        "--url",
        default=os.environ.get("ZIMGPT_URL", URL),
        help="the server's address, as in a browser (ZIMGPT_URL, or this machine)",
    )
    parser.add_argument("--phone", help="the number you sign in with")
    parser.add_argument("--password-file", type=Path, help="a file with the password")
    parser.add_argument("--conversation", help="go on with this conversation")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--give-up",
        type=float,
        metavar="SECONDS",
        default=math.inf,
        help="end with an error when the server was away for so long (never)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the answer; exit code 0 if there was one."""
    phone, password = _who(arguments)
    from twisted.internet import reactor
    from twisted.internet.defer import Deferred

    from zimgpt.service.process import steady

    steady(reactor)
    outcomes: list[Outcome | CommandFailed] = []

    async def go() -> None:
        try:
            outcomes.append(await _ask(reactor, arguments, phone, password))
        except CommandFailed as failed:
            outcomes.append(failed)
        except Exception as error:  # a door: the terminal gets a sentence
            outcomes.append(CommandFailed(f"{type(error).__name__}: {error}"))

    def begin() -> None:
        Deferred.fromCoroutine(go()).addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run()
    outcome = outcomes[0] if outcomes else CommandFailed("interrupted")
    if isinstance(outcome, CommandFailed):
        raise outcome
    return _report(arguments, outcome)


async def _ask(
    reactor: Any,  # noqa: ANN401
    arguments: argparse.Namespace,
    phone: str,
    password: str,
) -> Outcome:
    from zimgpt.cli import network
    from zimgpt.cli.client import Client
    from zimgpt.cli.dialogue import Dialogue

    def show(text: str | None) -> None:
        if _as_it_comes(arguments):
            again = "\n\n[the answer begins again]\n\n"
            print(again if text is None else text, end="", flush=True)

    def waits() -> None:
        print("[connecting again; nothing is lost]", file=sys.stderr, flush=True)

    client = Client(reactor, arguments.url)
    await client.sign_in(phone, password)
    try:
        with contextlib.suppress(CommandFailed):  # the network may go at any moment
            for label in await client.labels():
                print(f"[{label}]", file=sys.stderr)
        dialogue = Dialogue(_question(arguments), show)
        with network.watched(reactor, client.network_came):
            return await client.ask(dialogue, waits=waits, give_up=arguments.give_up)
    finally:
        with contextlib.suppress(CommandFailed):  # it has said what it had to say
            await client.sign_out()


def _question(arguments: argparse.Namespace) -> dict[str, str]:
    """As ``ask`` has it."""
    question = {
        "id": str(uuid.uuid4()),  # noqa: TID251 - a client makes its own ids
        "kind": "essay" if arguments.essay else "chat",
        "text": arguments.text,
    }
    if arguments.conversation:
        question["conversation"] = arguments.conversation
    return question


def _as_it_comes(arguments: argparse.Namespace) -> bool:
    """Only a person can be told that what was printed is void."""
    return not arguments.json and sys.stdout.isatty()


def _report(arguments: argparse.Namespace, outcome: Outcome) -> int:
    if arguments.json:
        import attrs

        print(json.dumps(attrs.asdict(outcome), ensure_ascii=False))
    elif outcome.refused:
        raise CommandFailed(outcome.note or outcome.finish)
    else:
        text = "" if _as_it_comes(arguments) else outcome.text
        note = f"{outcome.note}\n" if outcome.note else ""
        print(f"{text}\n\n{note}cost {outcome.cost} tokens, balance {outcome.balance}")
    return 1 if outcome.refused else 0


def _who(arguments: argparse.Namespace) -> tuple[str, str]:
    if arguments.phone is None:
        return _demo_account()
    if arguments.password_file is not None:
        try:
            return arguments.phone, arguments.password_file.read_text().strip()
        except OSError as error:
            raise CommandFailed(f"--password-file: {error}", MISUSED) from None
    password = os.environ.get("ZIMGPT_PASSWORD")
    if password is None and sys.stdin.isatty():
        password = getpass.getpass("Password: ")
    if password is None:
        raise CommandFailed("set ZIMGPT_PASSWORD or use --password-file", MISUSED)
    return arguments.phone, password


def _demo_account() -> tuple[str, str]:
    path = Path(os.environ.get("ZIMGPT_HOME", "var")) / "demo.json"
    try:
        demo = json.loads(path.read_text())
        return demo["phone"], demo["password"]
    except (OSError, ValueError, KeyError):
        raise CommandFailed(
            f"say who you are with --phone: there is no demo account in {path}",
            MISUSED,
        ) from None
