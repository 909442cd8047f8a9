"""``config-doc``: prints docs/reference/config.md."""

from __future__ import annotations

import argparse

from zimgpt.cli.command import Subparsers
from zimgpt.config.document import document


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "config-doc", help="print the reference of the configuration"
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Prints Markdown."""
    print(document(), end="")
    return 0
