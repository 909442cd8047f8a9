"""``operators``: who may use the admin pages."""

from __future__ import annotations

import argparse
import getpass
import json
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.errors import MISUSED, CommandFailed
from zimgpt.cli.showing import moment, plain, table
from zimgpt.domain import one_time_codes as codes
from zimgpt.domain import operators as rules
from zimgpt.domain.errors import Refusal
from zimgpt.store import operator_accounts as accounts
from zimgpt.store.operator_accounts import OperatorRow

if TYPE_CHECKING:
    from zimgpt.store.sealing import Sealing

HEADING = ("NAME", "SINCE", "LAST SIGNED IN", "SESSIONS", "STATE")
DESCRIPTION = (
    "An operator signs in at /admin with a name, a password and the code of an"
    " authenticator app. Their name is kept with all that they do there. The pages"
    " themselves are switched on by admin_origins."
)


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command and its verbs."""
    parser = subparsers.add_parser(
        "operators", help="say who may use the admin pages", description=DESCRIPTION
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    adding = verbs.add_parser("add", help="a new one; shows the code for their phone")
    adding.set_defaults(run=run_add)
    listing = verbs.add_parser("list", help="all of them")
    listing.set_defaults(run=run_list)
    resetting = verbs.add_parser(
        "reset",
        help="a new code for a lost phone; sessions and locks end, and who was disabled"
        " is let in again",
    )
    resetting.add_argument(
        "--password", action="store_true", help="ask for a new password, too"
    )
    resetting.set_defaults(run=run_reset)
    disabling = verbs.add_parser(
        "disable", help="they are signed out, and let in no more"
    )
    disabling.set_defaults(run=run_disable)
    _add_options(adding, listing, resetting, disabling, _add_keys(verbs))


def _add_keys(verbs: Subparsers) -> argparse.ArgumentParser:
    """Adds the verbs about keys; ``seal``, for it has the options of the others."""
    sealing = verbs.add_parser(
        "seal",
        help="seal with the first key what is kept in clear, or by one behind it",
    )
    sealing.set_defaults(run=run_seal)
    acting.add_options(sealing, reason=False)
    making = verbs.add_parser("key", help="print a new key, for operators_key")
    making.set_defaults(run=run_key)
    return sealing


def _add_options(
    adding: argparse.ArgumentParser,
    listing: argparse.ArgumentParser,
    resetting: argparse.ArgumentParser,
    disabling: argparse.ArgumentParser,
    sealing: argparse.ArgumentParser,
) -> None:
    for verb in (adding, resetting, disabling):
        verb.add_argument("name", metavar="NAME", type=_name)
        acting.add_options(verb, reason=verb is disabling)
    for verb in (adding, resetting):
        verb.add_argument(
            "--password-file",
            metavar="FILE",
            type=Path,
            help="holds the new password; it is asked for unless given",
        )
    for verb in (adding, listing, resetting, disabling, sealing):
        verb.add_argument("--json", action="store_true", help="print JSON")
        database.add_options(verb)


def run_add(arguments: argparse.Namespace) -> int:
    """Shows what the phone has to be shown, this once."""
    return _given(arguments, accounts.add, _hashed(arguments), "was added")


def run_reset(arguments: argparse.Namespace) -> int:
    """Shows the same again, with another secret."""
    asked = arguments.password or arguments.password_file is not None
    hashed = _hashed(arguments) if asked else None
    return _given(arguments, accounts.reset, hashed, "has new secrets")


def run_disable(arguments: argparse.Namespace) -> int:
    """Says that they are."""
    who = acting.who(arguments)
    with _told(), database.connected(arguments) as connection:
        accounts.disable(connection, arguments.name, who=who, reason=arguments.reason)
    if arguments.json:
        print(json.dumps({"name": arguments.name, "by": who}))
    else:
        print(f"operator {arguments.name} is disabled and signed out")
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """Prints a table, or a JSON list."""
    with database.connected(arguments) as connection:
        rows = accounts.listed(connection)
    if arguments.json:
        print(json.dumps([plain(attrs.asdict(row)) for row in rows]))
    elif rows:
        print("\n".join(table([HEADING, *map(_cells, rows)])))
    else:
        print("there are no operators yet")
    return 0


def run_seal(arguments: argparse.Namespace) -> int:
    """Says how many; one that no key opens is named, and the rest are sealed."""
    who, sealing = acting.who(arguments), _sealing(arguments)
    sealed, unreadable = 0, []
    with _told(), database.connected(arguments) as connection:
        for name, kept in accounts.kept_secrets(connection).items():
            if sealing.current(kept):
                continue
            try:
                anew = sealing.sealed(name, sealing.opened(name, kept))
            except rules.CodesUnreadable:
                unreadable.append(name)
                continue
            why = arguments.reason or ""
            accounts.keep_anew(connection, name, kept, anew, who=who, reason=why)
            sealed += 1
    if arguments.json:
        print(json.dumps({"sealed": sealed, "unreadable": unreadable}))
    else:
        print(f"{sealed} sealed anew")
    if unreadable:
        raise CommandFailed(
            f"no key of operators_key opens the secret of {', '.join(unreadable)}: put"
            " the old key behind the new one, or `operators reset` each of them"
        )
    return 0


def run_key(_arguments: argparse.Namespace) -> int:
    """Prints it, and keeps it nowhere."""
    from zimgpt.store.sealing import new_key

    print(new_key())
    return 0


class _told:  # noqa: N801 - used like a function
    """Turns a refusal into the sentence that is read."""

    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, _kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, Refusal):
            raise CommandFailed(str(error)) from None


# ---- what is typed


def _name(written: str) -> str:
    try:
        return rules.check_name(written)
    except rules.WrongName as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _sealing(arguments: argparse.Namespace) -> Sealing:
    from zimgpt.store.sealing import Sealing  # as is what seals

    return Sealing.of(database.operators_key(arguments))


def _hashed(arguments: argparse.Namespace) -> str:
    from zimgpt.store.passwords import hasher  # Twisted is slow to import

    password = _password(arguments)
    try:
        rules.check_password(password)
    except Refusal as refusal:
        raise CommandFailed(str(refusal), MISUSED) from None
    return hasher().hash(password)


def _password(arguments: argparse.Namespace) -> str:
    if arguments.password_file is not None:
        try:
            return str(arguments.password_file.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            raise CommandFailed(f"--password-file: {error}", MISUSED) from None
    if not sys.stdin.isatty():
        raise CommandFailed("give the password with --password-file", MISUSED)
    password = getpass.getpass(f"Password for {arguments.name}: ")
    if getpass.getpass("Once more: ") != password:
        raise CommandFailed("these were two different passwords", MISUSED)
    return password


# ---- what is shown


def _given(
    arguments: argparse.Namespace,
    give: Callable[..., None],
    hashed: str | None,
    done: str,
) -> int:
    """Gives an operator a new secret, and a password unless it stays as it is."""
    who = acting.who(arguments)
    secret = codes.secret_of(secrets.token_bytes(codes.SECRET_BYTES))
    kept = _sealing(arguments).sealed(arguments.name, secret)
    with _told(), database.connected(arguments) as connection:
        why = arguments.reason or ""
        give(connection, arguments.name, hashed, kept, who=who, reason=why)
    _show(arguments, secret, f"operator {arguments.name} {done}")
    return 0


def _show(arguments: argparse.Namespace, secret: str, done: str) -> None:
    uri = codes.uri(secret, arguments.name)
    if arguments.json:
        print(json.dumps({"name": arguments.name, "uri": uri, "secret": secret}))
        return
    print(f"{done}. Read this with an authenticator app; it is shown this once:\n")
    _draw(uri)
    print(f"\n{uri}\n\nBy hand: {' '.join(_fours(secret))}, six digits, by time")


def _draw(uri: str) -> None:
    """A QR code of half blocks, light on dark terminals and dark on light ones."""
    import segno

    code = segno.make(uri, micro=False, error="l")
    try:
        code.terminal(sys.stdout, compact=True)
    except UnicodeEncodeError:
        print("(this terminal cannot show the QR code; use the address)")


def _fours(secret: str) -> list[str]:
    return [secret[start : start + 4] for start in range(0, len(secret), 4)]


def _cells(row: OperatorRow) -> tuple[str, ...]:
    state = "active"
    if row.disabled_at is not None:
        state = f"disabled {moment(row.disabled_at)}"
    elif row.locked:
        state = "locked for some minutes"
    return (
        row.name,
        moment(row.made_at),
        moment(row.signed_in_at),
        str(row.sessions),
        state,
    )
