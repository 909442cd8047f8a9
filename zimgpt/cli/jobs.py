"""``jobs``: what is queued, running or dead, and an operator's word about it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.cli import acting, database
from zimgpt.cli.command import Subparsers
from zimgpt.cli.errors import CommandFailed
from zimgpt.cli.showing import part, plain, span, table
from zimgpt.domain.errors import Refusal
from zimgpt.store import operator_jobs
from zimgpt.store.operator_jobs import JobRow, JobStory

STATES = ("queued", "running", "done", "failed", "dead")
KINDS = ("essay", "chat", "wa_inbound", "wa_send", "payment_poll")
HEADING = ("ID", "KIND", "STATE", "ATTEMPTS", "AGE", "LEASE", "LAST ERROR")
LONGEST = 60  # letters of an error in the list

Act = Callable[..., None]


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command and its verbs."""
    parser = subparsers.add_parser(
        "jobs",
        help="list, show, retry or drop jobs",
        description="A job that has used up its attempts is dead: its answer failed,"
        " free of charge, and it waits here for an operator.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _add_list(verbs)
    showing = verbs.add_parser("show", help="everything about a job but its words")
    showing.add_argument("id", metavar="ID", type=_id)
    showing.set_defaults(run=run_show)
    _finish(showing)
    _add_act(verbs, "retry", "give a dead or failed job five more attempts")
    _add_act(verbs, "drop", "end a queued or dead job for good")


def run_list(arguments: argparse.Namespace) -> int:
    """Prints a table, or a JSON list."""
    with database.connected(arguments) as connection:
        rows = operator_jobs.listed(
            connection,
            state=arguments.state,
            kind=arguments.kind,
            limit=arguments.limit,
        )
    if arguments.json:
        print(json.dumps([plain(attrs.asdict(row)) for row in rows]))
    elif rows:
        print("\n".join(table([HEADING, *map(_cells, rows)])))
    else:
        print("no such jobs")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Prints what is known of a job, part by part."""
    try:
        with database.connected(arguments) as connection:
            story = operator_jobs.shown(connection, arguments.id)
    except Refusal as refusal:
        raise CommandFailed(str(refusal)) from None
    if arguments.json:
        print(json.dumps(plain(attrs.asdict(story))))
    else:
        print("\n".join(_told(story)))
    return 0


def run_retry(arguments: argparse.Namespace) -> int:
    """Says that it will be tried again, or why not."""
    return _carry_out(arguments, operator_jobs.retry, "will be tried again")


def run_drop(arguments: argparse.Namespace) -> int:
    """Says that it was dropped, or why not."""
    return _carry_out(arguments, operator_jobs.drop, "was dropped")


def _carry_out(arguments: argparse.Namespace, act: Act, done: str) -> int:
    who = acting.who(arguments)
    try:
        with database.connected(arguments) as connection:
            act(connection, arguments.id, who=who, reason=arguments.reason or "")
            state = _state(connection, arguments.id)
    except Refusal as refusal:
        raise CommandFailed(str(refusal)) from None
    if arguments.json:
        print(json.dumps({"id": arguments.id, "state": state, "by": who}))
    else:
        print(f"job {arguments.id} {done}")
    return 0


def _state(connection: Connection, job: str) -> str:
    return str(operator_jobs.shown(connection, job).job["state"])


# ---- what is typed


def _add_list(verbs: Subparsers) -> None:
    listing = verbs.add_parser("list", help="the newest jobs")
    listing.add_argument("--state", choices=STATES, help="only those")
    listing.add_argument("--kind", choices=KINDS, help="only those")
    listing.add_argument(
        "--limit",
        type=acting.count(10**6),
        default=100,
        metavar="N",
        help="at most; 100",
    )
    listing.set_defaults(run=run_list)
    _finish(listing)


def _add_act(verbs: Subparsers, name: str, help: str) -> None:
    act = verbs.add_parser(name, help=help)
    act.add_argument("id", metavar="ID", type=_id)
    acting.add_options(act, reason=name == "drop")
    act.set_defaults(run=run_retry if name == "retry" else run_drop)
    _finish(act)


def _finish(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print JSON")
    database.add_options(verb)


def _id(written: str) -> str:
    try:
        return str(UUID(written))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{written!r} is not a job's id") from None


# ---- what is shown


def _cells(row: JobRow) -> tuple[str, ...]:
    lease = "-"
    if row.lease_owner is not None and row.lease_left is not None:
        lease = f"{row.lease_owner} {span(row.lease_left)}"
    return (
        row.id,
        row.kind,
        row.state,
        f"{row.attempts}/{row.max_attempts}",
        span(row.age),
        lease,
        " ".join((row.last_error or "-").split())[:LONGEST],
    )


def _told(story: JobStory) -> Iterator[str]:
    parts: list[tuple[str, Mapping[str, Any] | None]] = [
        ("job", story.job),
        ("answer", story.answer),
        ("hold", story.hold),
        *(("outbox", row) for row in story.outbox),
        *(("act", row) for row in story.acts),
    ]
    for name, values in parts:
        if values is not None:
            yield from part(name, values)
