"""``completion``: what a shell needs to complete these commands."""

from __future__ import annotations

import argparse

from zimgpt.cli.command import Subparsers

SHELLS = ("bash", "zsh", "tcsh")


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "completion",
        help="print completions for a shell",
        description="Prints what a shell needs to complete these commands, once for"
        " each version: zimgpt completion bash >"
        " /usr/share/bash-completion/completions/zimgpt",
    )
    parser.add_argument("shell", choices=SHELLS)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints a script."""
    import shtab

    from zimgpt.cli import whole_parser

    print(shtab.complete(whole_parser(), shell=arguments.shell))
    return 0
