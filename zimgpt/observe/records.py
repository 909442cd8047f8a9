"""What of a log event may be shown, as plain values.

Our own events may name any field; only those of FIELDS are shown, anything else is
withheld, so that a careless line gives away no number, text or key. Events of libraries
are shown from level info on; below it they print what goes over the wire.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import TypeAlias

from twisted.logger import LogEvent, LogLevel, formatEvent
from twisted.python.failure import Failure

from zimgpt.observe.failures import described, kind

Plain: TypeAlias = str | int | float | bool | None
Record: TypeAlias = dict[str, Plain | list[str]]
"""time, level, namespace, event; our fields by name; failure, in lines, if any."""

WHOSE = (
    "node request answer job conversation session user connection payment model worker"
)
OUTCOME = (
    "outcome reason why error refusal trouble verdict concern status code state finish"
    " retry next"
)
AMOUNT = (
    "seconds milliseconds count bytes tokens cost size limit waiting closed"
    " epoch seq attempt attempts"
)
MACHINERY = (
    "name method path kind channel role roles queue migration version listen host port"
    " signal factory sense"
)
FIELDS = frozenset(f"{WHOSE} {OUTCOME} {AMOUNT} {MACHINERY}".split())

WITHHELD = "[withheld]"
MOST_VALUE = 200
MOST_EVENT = 2000
LEGACY = "{log_text}"


def record(event: LogEvent) -> Record:
    """An event as plain values; every string printable and on one line."""
    fields = {name: _plain(value) for name, value in event.items() if name in FIELDS}
    level = event.get("log_level") or LogLevel.info
    shown: Record = {
        "time": _time(event.get("log_time")),
        "level": level.name,
        "namespace": visible(str(event.get("log_namespace") or "-")),
        "event": visible(_text(event, fields))[:MOST_EVENT],
        **(fields if is_ours(event) else {}),
    }
    if (failure := _failure(event)) is not None:
        shown["failure"] = [visible(line) for line in described(failure)]
    return shown


def is_ours(event: LogEvent) -> bool:
    """Whether this program's own code logged it."""
    return str(event.get("log_namespace", "")).split(".")[0] == "zimgpt"


def named_in(event: LogEvent) -> frozenset[str]:
    """The fields that an event's format puts into its text."""
    try:
        parsed = list(string.Formatter().parse(str(event.get("log_format") or "")))
    except ValueError:
        return frozenset()
    names = (name for _, name, _, _ in parsed if name)
    return frozenset(_root(name) for name in names)


def visible(text: str) -> str:
    """Text in which line ends, control codes and half characters are written out."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _text(event: LogEvent, fields: Mapping[str, Plain]) -> str:
    if _failure(event) is None and not is_ours(event):
        return formatEvent(event).strip()
    if event.get("log_format") == LEGACY:  # its text holds the failure's own words
        return str(event.get("why") or "Unhandled error")
    withheld = dict.fromkeys(named_in(event), WITHHELD)
    said = {"log_format": event.get("log_format")}
    return formatEvent({**withheld, **fields, **said}).strip()


def _failure(event: LogEvent) -> Failure | None:
    """What went wrong; twisted.python.log has its own key for it."""
    failure = event.get("log_failure", event.get("failure"))
    return failure if isinstance(failure, Failure) else None


def _root(name: str) -> str:
    for mark in ".[(":
        name = name.split(mark)[0]
    return name


def _plain(value: object) -> Plain:
    if isinstance(value, Failure):
        value = value.value
    if isinstance(value, BaseException):
        return visible(kind(value))
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return round(value, 6)
    return visible(str(value)[:MOST_VALUE])


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    time = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return time.replace("+00:00", "Z")
