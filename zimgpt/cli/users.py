"""``users``: finds people by number, shows one, bans and takes a ban back."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from typing import Any

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.errors import MISUSED, CommandFailed
from zimgpt.cli.showing import moment, part, plain, table
from zimgpt.domain import phones
from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import Refusal
from zimgpt.store import operator_people as people
from zimgpt.store.operator_people import Person, PersonStory

HEADING = ("ID", "PHONE", "SINCE", "AVAILABLE", "HELD", "BANNED")
MOVED = ("AT", "KIND", "TOKENS", "BALANCE", "REASON", "KEY")
BY_ID = "user:"
"""How somebody without a number is named."""
FEWEST = 3
"""Digits that are worth searching for."""

Act = Callable[..., bool]


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command and its verbs."""
    parser = subparsers.add_parser(
        "users",
        help="find, show, ban or unban people",
        description="A person is named by their number, or as user:ID. Numbers are"
        " shown by their last digits unless --full is given.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    searching = verbs.add_parser("search", help="people by a part of their number")
    searching.add_argument("digits", metavar="DIGITS", type=_digits)
    searching.add_argument(
        "--limit", type=acting.count(1000), default=50, metavar="N", help="at most; 50"
    )
    searching.set_defaults(run=run_search)
    showing = _of_one(verbs, "show", "everything about somebody but their words")
    showing.add_argument(
        "--limit",
        type=acting.count(100_000),
        default=20,
        metavar="N",
        help="so many of the latest moves and payments; 20",
    )
    showing.set_defaults(run=run_show)
    for verb in (searching, showing):
        verb.add_argument("--full", action="store_true", help="show whole numbers")
        _finish(verb)
    _add_act(verbs, "ban", "they are signed out, and ask nothing any more", run_ban)
    _add_act(verbs, "unban", "they may again", run_unban)


def run_search(arguments: argparse.Namespace) -> int:
    """Prints a table, or a JSON list."""
    with database.connected(arguments) as connection:
        found = people.found(connection, arguments.digits, arguments.limit)
    if arguments.json:
        rows = [attrs.asdict(one) | _phone(one, arguments) for one in found]
        print(json.dumps(plain(rows)))
    elif found:
        cells = (_cells(one, full=arguments.full) for one in found)
        print("\n".join(table([HEADING, *cells])))
    else:
        print("nobody's number has these digits")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Prints what is known of somebody, part by part."""
    with _told(), database.connected(arguments) as connection:
        user = whom(connection, arguments.person)
        story = people.shown(connection, user, arguments.limit)
    shown = attrs.evolve(story, person=dict(story.person) | _phone(story, arguments))
    if arguments.json:
        print(json.dumps(plain(attrs.asdict(shown))))
    else:
        print("\n".join(_parts(shown)))
    return 0


def run_ban(arguments: argparse.Namespace) -> int:
    """Says that they are banned."""
    return _carry_out(arguments, people.ban, "banned", "was banned before")


def run_unban(arguments: argparse.Namespace) -> int:
    """Says that they are not."""
    return _carry_out(arguments, people.unban, "no longer banned", "was not banned")


def whom(connection: Connection, named: str) -> UserId:
    """Whom an operator means; raises NoAccount, CommandFailed."""
    id = named.removeprefix(BY_ID)
    if id != named:
        if not id.isascii() or not id.isdigit() or len(id) > 18:
            raise CommandFailed(f"{named!r} is not user:ID", MISUSED)
        return UserId(int(id))
    try:
        return people.known(connection, phones.parse(named))
    except phones.NotAMobileNumber as error:
        raise CommandFailed(str(error), MISUSED) from None


def _carry_out(arguments: argparse.Namespace, act: Act, done: str, idle: str) -> int:
    who = acting.who(arguments)
    with _told(), database.connected(arguments) as connection:
        user = whom(connection, arguments.person)
        changed = act(connection, user, who=who, reason=arguments.reason)
    if arguments.json:
        print(json.dumps({"id": user, "changed": changed, "by": who}))
    else:
        print(f"user {user} is {done}" if changed else f"user {user} {idle}")
    return 0


class _told:  # noqa: N801 - used like a function
    """Turns a refusal into the sentence that the operator reads."""

    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, _kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, Refusal):
            raise CommandFailed(str(error)) from None


# ---- what is typed


def _of_one(verbs: Subparsers, name: str, help: str) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=help)
    verb.add_argument("person", metavar="PERSON", help="a number, or user:ID")
    return verb


def _add_act(
    verbs: Subparsers, name: str, help: str, run: Callable[[Any], int]
) -> None:
    verb = _of_one(verbs, name, help)
    acting.add_options(verb, reason=True)
    verb.set_defaults(run=run)
    _finish(verb)


def _finish(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print JSON")
    database.add_options(verb)


def _digits(written: str) -> str:
    """As they stand in a number: without the 0 that it begins with at home."""
    digits = "".join(letter for letter in written if letter.isdigit()).lstrip("0")
    if len(digits) < FEWEST:
        raise argparse.ArgumentTypeError(f"expected at least {FEWEST} digits")
    return digits


# ---- what is shown


def _phone(
    one: Person | PersonStory, arguments: argparse.Namespace
) -> dict[str, str | None]:
    phone = one.phone if isinstance(one, Person) else one.person["phone"]
    return {"phone": _number(phone, full=arguments.full)}


def _number(phone: phones.Phone | None, *, full: bool) -> str | None:
    return phone if phone is None or full else phones.masked(phone)


def _cells(one: Person, *, full: bool) -> tuple[str, ...]:
    return (
        str(one.id),
        _number(one.phone, full=full) or "-",
        moment(one.created_at),
        str(one.available),
        str(one.held),
        moment(one.banned_at),
    )


def _parts(story: PersonStory) -> Iterator[str]:
    yield from part("person", story.person)
    for contact in story.contacts:
        yield from part("whatsapp", contact)
    for payment in story.payments:
        yield from part("payment", payment)
    for act in story.acts:
        yield from part("act", act)
    if story.moves:
        yield "balance, latest first"
        rows = [
            tuple(
                moment(move["at"]) if key == "at" else str(move[key] or "-")
                for key in ("at", "kind", "amount", "balance", "reason", "key")
            )
            for move in story.moves
        ]
        yield from (f"  {line}" for line in table([MOVED, *rows]))
