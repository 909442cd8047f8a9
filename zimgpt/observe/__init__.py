"""Log lines: readable text or JSON, of fields that are known to be harmless.

Also usable as ``twistd --logger zimgpt.observe.json_lines`` (or ``text_lines``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import IO, Any

from twisted.logger import (
    FileLogObserver,
    FilteringLogObserver,
    ILogFilterPredicate,
    ILogObserver,
    LogEvent,
    LogLevel,
    PredicateResult,
)
from zope.interface import implementer

from zimgpt.observe.records import is_ours, named_in, record

COMMON = ("time", "level", "namespace", "event", "failure")


def text_lines(out: IO[Any] | None = None, level: str = "info") -> ILogObserver:
    """Lines for people, to standard output unless told; a failure's are indented."""
    return _observer(out, level, text_line)


def json_lines(out: IO[Any] | None = None, level: str = "info") -> ILogObserver:
    """One JSON object a line, to standard output unless told."""
    return _observer(out, level, json_line)


def text_line(event: LogEvent) -> str:
    """An event as a line, followed by its failure in lines of their own."""
    shown = record(event)
    said = named_in(event)
    fields = "".join(
        f" {name}={value}"
        for name, value in shown.items()
        if name not in COMMON and name not in said
    )
    head = f"{shown['time']} {shown['level']:<5} {shown['namespace']}"
    failure = shown.get("failure")
    lines = failure if isinstance(failure, list) else []
    return "\n    ".join([f"{head} {shown['event']}{fields}", *lines]) + "\n"


def json_line(event: LogEvent) -> str:
    """An event as a JSON object on a line, in ASCII."""
    return json.dumps(record(event)) + "\n"


def _observer(
    out: IO[Any] | None, level: str, line: Callable[[LogEvent], str]
) -> ILogObserver:
    writer = FileLogObserver(out if out is not None else sys.stdout, line)
    return FilteringLogObserver(writer, [_Important(level)])


@implementer(ILogFilterPredicate)
class _Important:
    """Whether an event is worth a line. Libraries' events below info never are: they
    print what goes over the wire."""

    def __init__(self, level: str) -> None:
        self._ours = LogLevel.levelWithName(level)
        self._theirs = max(self._ours, LogLevel.info)

    def __call__(self, event: LogEvent) -> Any:  # noqa: ANN401 - Twisted's constant
        least = self._ours if is_ours(event) else self._theirs
        if event.get("log_level", LogLevel.info) < least:
            return PredicateResult.no
        return PredicateResult.maybe
