"""``run``: everything on this machine, for trying and developing."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from zimgpt.cli.errors import CommandFailed
from zimgpt.embedded.errors import CannotRun

if TYPE_CHECKING:
    from zimgpt.cli.command import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "run",
        help="run everything on this machine, for trying and developing",
        description="Starts PostgreSQL in the folder ZIMGPT_HOME (default: var), a"
        " small demo model unless OPENAI_API_KEY or ZIMGPT_MODEL_* name another, the"
        " server on ZIMGPT_PORT (default: 8080), and a WhatsApp and a Paynow that you"
        " can play with in a browser, unless ZIMGPT_WHATSAPP or ZIMGPT_PAYNOW is no or"
        " a number or an integration of your own is configured. Ctrl-C stops all of"
        " it; the data stay.",
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Returns when it was asked to stop."""
    from zimgpt.embedded.run import run as run_everything

    try:
        run_everything(os.environ, _say)
    except CannotRun as error:
        raise CommandFailed(str(error)) from None
    return 0


def _say(line: str) -> None:
    with suppress(OSError):  # the terminal is gone; what was started is still to end
        print(line, flush=True)
