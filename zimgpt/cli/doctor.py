"""``doctor``: what is wrong here, and how to mend it."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from zimgpt.cli.doctoring.finding import Finding, State, broken, well
from zimgpt.config import Config, ConfigError, load, require_models

if TYPE_CHECKING:
    from zimgpt.cli.command import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "doctor",
        help="say what is wrong here, and how to mend it",
        description="Looks at the configuration, PostgreSQL, its migrations and"
        " invariants, the broker, the models, WhatsApp, Paynow and this machine."
        " Changes nothing, and may be run while the server works. Exits with 1 if"
        " something is broken; warnings alone are 0.",
    )
    parser.add_argument(
        "--config", metavar="FILE", help="the TOML file that the server is started with"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints each finding as it comes."""
    found: list[Finding] = []
    for finding in examine(arguments.config or os.environ.get("ZIMGPT_CONFIG")):
        found.append(finding)
        if not arguments.json:
            print("\n".join(_told(finding)), flush=True)
    worst = [one for one in found if one.state is State.BROKEN]
    if arguments.json:
        print(json.dumps(_plain(found, well=not worst)))
    else:
        print(_summed_up(found))
    return 1 if worst else 0


def examine(file: str | None) -> Iterator[Finding]:
    """Every finding, in the order of what rests on what."""
    from zimgpt.cli.doctoring import database, machine, services

    try:
        config = _configuration(file)
    except ConfigError as error:
        yield broken(
            "configuration",
            str(error),
            "Correct that setting; docs/reference/config.md tells of each.",
        )
        return
    yield well("configuration", f"read from {file or 'the environment'}")
    yield from machine.look(config, Path(file) if file else None)
    yield from database.look(config, lambda: datetime.now(UTC))  # noqa: TID251 - the clock is what is examined
    yield from services.broker(config)
    yield from services.models(config)
    yield from services.whatsapp(config)
    yield from services.paynow(config)


def _configuration(file: str | None) -> Config:
    config = load(environ=os.environ, options={"config": file}, new_node="doctor")
    require_models(config)
    return config


def _told(finding: Finding) -> Iterator[str]:
    yield f"{finding.state:<8} {finding.part}: {finding.says}"
    if finding.mend:
        yield f"         {finding.mend}"


def _summed_up(found: list[Finding]) -> str:
    bad = sum(one.state is State.BROKEN for one in found)
    doubtful = sum(one.state is State.WARNING for one in found)
    if not bad and not doubtful:
        return "all is well"
    return f"{bad} broken, {doubtful} to look at"


def _plain(found: list[Finding], *, well: bool) -> dict[str, object]:
    return {"well": well, "findings": [attrs.asdict(one) for one in found]}
