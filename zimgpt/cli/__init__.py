"""``python -m zimgpt COMMAND``: what operators do at a terminal.

Each command is a module with ``add_parser(subparsers)``, whose parser sets ``run`` to a
function of the parsed arguments that returns the exit code: 0 done, 1 it did not work,
2 it was asked for wrongly. A module is imported only when it is wanted, so that most
commands start without Twisted and without a reactor.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from zimgpt.cli.errors import CommandFailed

COMMANDS = (
    "run",
    "ask",
    "migrate",
    "prices",
    "packages",
    "rates",
    "grant",
    "invariants",
    "payments",
    "jobs",
    "whatsapp",
    "users",
    "operators",
    "vouchers",
    "broadcast",
    "export",
    "config_doc",
    "cli_doc",
    "completion",
    "doctor",
)
"""Modules of this package; a command's name has - where its module has _."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; errors are a sentence on standard error."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = _parser(words).parse_args(words)
    except SystemExit as done:  # argparse has said what is wrong, or the help
        return int(done.code or 0)
    try:
        return int(arguments.run(arguments))
    except CommandFailed as failed:
        print(f"zimgpt: {failed}", file=sys.stderr)
        return failed.code


def whole_parser() -> argparse.ArgumentParser:
    """Knows every command."""
    return _parser(())


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Knows the one command that is asked for, or all of them to say which exist."""
    parser = argparse.ArgumentParser(prog="zimgpt", description="Runs ZimGPT.")
    subparsers = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    wanted = words[0].replace("-", "_") if words else ""
    for module in (wanted,) if wanted in COMMANDS else COMMANDS:
        import_module(f"zimgpt.cli.{module}").add_parser(subparsers)
    return parser
