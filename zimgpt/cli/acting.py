"""Who does something by a command, and why: kept with what was done."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable

from zimgpt.cli.errors import MISUSED, CommandFailed

MOST_WHO, MOST_REASON = 200, 1000  # bytes


def add_options(parser: argparse.ArgumentParser, *, reason: bool) -> None:
    """``--by``, and ``--reason``, which may have to be given."""
    parser.add_argument(
        "--reason",
        required=reason,
        type=short(MOST_REASON),
        metavar="TEXT",
        help="kept with the act",
    )
    add_by(parser)


def add_by(parser: argparse.ArgumentParser) -> None:
    """``--by`` alone."""
    parser.add_argument(
        "--by",
        metavar="WHO",
        type=short(MOST_WHO),
        help="who says so; the user of the system unless given",
    )


def who(arguments: argparse.Namespace) -> str:
    """Who it is that says so."""
    return arguments.by or _os_user()


def short(most: int) -> Callable[[str], str]:
    """The type of an argument: some text, of so many bytes at most."""

    def text(written: str) -> str:
        if not written.strip() or len(written.encode()) > most:
            raise argparse.ArgumentTypeError(f"expected 1 to {most} bytes of text")
        return written

    return text


def count(most: int) -> Callable[[str], int]:
    """The type of an argument: a whole number from 1."""

    def number(written: str) -> int:
        if written.isascii() and written.isdigit() and 1 <= int(written) <= most:
            return int(written)
        raise argparse.ArgumentTypeError(f"expected 1 to {most}")

    return number


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's nameless user
        raise CommandFailed("say who you are with --by", MISUSED) from None
