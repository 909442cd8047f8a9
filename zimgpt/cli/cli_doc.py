"""``cli-doc``: prints docs/reference/cli.md."""

from __future__ import annotations

import argparse

from zimgpt.cli.command import Subparsers
from zimgpt.cli.reference import document


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "cli-doc", help="print the reference of these commands"
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Prints Markdown."""
    from zimgpt.cli import whole_parser

    print(document(whole_parser()), end="")
    return 0
