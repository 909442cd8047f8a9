"""What reaches the log, and what never does."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import IO, Any

import psycopg2
import pytest
from psycopg2.errors import UniqueViolation
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.logger import (
    ILogObserver,
    InvalidLogLevelError,
    LogEvent,
    Logger,
    LogLevel,
    LogPublisher,
)
from twisted.python import log as legacy
from twisted.python.failure import Failure
from twisted.web.client import ResponseNeverReceived
from zope.interface import implementer

import zimgpt
from zimgpt.config import ConfigError
from zimgpt.observe import json_lines, text_lines
from zimgpt.observe.failures import described, kind
from zimgpt.observe.records import FIELDS, named_in

CANARY = "+263771234567"
ON_PURPOSE = {
    # A server that refuses a question may repeat it.
    ("outbound/openai.py", "{model} {trouble}: {words}", "words"),
}
AT_NOON = 1795348800.123  # 2026-11-22 12:00:00.123 UTC


class Outcome(StrEnum):
    """A word of ours."""

    DONE = "done"


def logged(
    write: Callable[[Logger], Any],
    lines: Callable[[IO[str], str], ILogObserver] = text_lines,
    *,
    level: str = "info",
    namespace: str = "zimgpt.flows.writing",
) -> str:
    """What is written of the events that a function logs, at noon."""
    out = StringIO()
    observer = lines(out, level)

    @implementer(ILogObserver)
    def at_noon(event: LogEvent) -> None:
        observer({**event, "log_time": AT_NOON})

    write(Logger(namespace=namespace, observer=LogPublisher(at_noon)))
    return out.getvalue()


def failing(error: BaseException) -> Failure:
    """A failure with a stack."""
    try:
        raise error
    except BaseException:
        return Failure()


def test_text() -> None:
    """A line: time in UTC, level, where, what; then the fields it does not name."""
    line = logged(
        lambda log: log.info(
            "wrote {count} in {seconds:.1f} s",
            count=3,
            seconds=1.26,
            answer="a1",
            outcome=Outcome.DONE,
        )
    )

    assert line == (
        "2026-11-22T12:00:00.123Z info  zimgpt.flows.writing"
        " wrote 3 in 1.3 s answer=a1 outcome=done\n"
    )


def test_json() -> None:
    """An object on a line: the same, with every field."""
    line = logged(
        lambda log: log.warn("{name} lost", name="mq", seconds=1.23456789, user=7),
        json_lines,
    )

    assert line.count("\n") == 1
    assert json.loads(line) == {
        "time": "2026-11-22T12:00:00.123Z",
        "level": "warn",
        "namespace": "zimgpt.flows.writing",
        "event": "mq lost",
        "name": "mq",
        "seconds": 1.234568,
        "user": 7,
    }


@pytest.mark.parametrize("lines", [text_lines, json_lines])
def test_other_fields_are_withheld(
    lines: Callable[[IO[str], str], ILogObserver],
) -> None:
    """A field that is not known to be harmless is not shown, even when it is named."""

    def careless(log: Logger) -> None:
        log.info("from {phone}, {phone.real}, {phone()}", phone=CANARY)
        log.info("something", text=CANARY, token=CANARY)

    written = logged(careless, lines)

    assert CANARY not in written
    assert "from [withheld]" in logged(
        lambda log: log.info("from {phone}", phone=CANARY)
    )


def test_a_format_that_cannot_be_filled_gives_nothing_away() -> None:
    """The event that could not be formatted is shown without its other fields."""

    def careless(log: Logger) -> None:
        log.info("{count:s} and {", count=1, text=CANARY)
        log.info("{count.nothing}", count=1, text=CANARY)

    assert CANARY not in logged(careless)
    assert "Unable to format event" in logged(careless)


def test_one_event_is_one_line() -> None:
    """Nobody forges a line by what they send; long values are cut."""
    written = logged(
        lambda log: log.info(
            "{reason}", reason="a\r\nb\u2028c\ud800\x1b[1m", status="s" * 900
        )
    )

    assert written.count("\n") == 1
    assert "a\\r\\nb\\u2028c\\ud800\\x1b[1m" in written
    assert written.endswith(" status=" + "s" * 200 + "\n")


def test_errors_as_fields() -> None:
    """An exception that is a field is shown like one that is a failure."""
    written = logged(
        lambda log: log.warn(
            "{error}; {why}; {reason}",
            error=KeyError(CANARY),
            why=Failure(ValueError(CANARY)),
            reason=OSError(2, "No such file"),
        )
    )

    assert written.endswith(
        " KeyError; ValueError; FileNotFoundError [Errno 2] No such file\n"
    )


def test_levels() -> None:
    """Less important events than asked for are left out."""

    def write(log: Logger) -> None:
        log.debug("one")
        log.info("two")
        log.warn("three")

    assert logged(write, level="debug").count("\n") == 3
    assert logged(write, level="warn").count("\n") == 1


def test_libraries_are_never_heard_below_info() -> None:
    """At debug they print what goes over the wire."""

    def write(log: Logger) -> None:
        log.debug("octets {payload}", payload=CANARY)
        log.info("connected to {peer}", peer="h")

    written = logged(write, level="debug", namespace="autobahn.websocket")

    assert written.endswith(" autobahn.websocket connected to h\n")
    assert CANARY not in written


def test_a_failure_shows_its_kind_and_our_places() -> None:
    """In text its lines are indented, in JSON they are a list; its words are not shown:
    they repeat what somebody sent."""

    def write(log: Logger) -> None:
        log.failure("storing {answer} broke", failing(ValueError(CANARY)), answer="a1")

    text, jsoned = logged(write), json.loads(logged(write, json_lines))

    assert CANARY not in text
    assert CANARY not in json.dumps(jsoned)
    head, name, place = text.splitlines()
    assert head.endswith(" zimgpt.flows.writing storing a1 broke")
    assert name == "    ValueError"
    assert place.startswith("      at test_observe.py:")
    assert place.endswith(" in failing")
    assert jsoned["failure"] == [line[4:] for line in (name, place)]
    assert jsoned["level"] == "critical"


def test_a_failure_of_a_library_hides_its_words_too() -> None:
    """Also where an old-fashioned event has put them into its text."""
    out = StringIO()
    observer = text_lines(out)
    publisher = LogPublisher(observer)
    old = legacy.LogPublisher(publisher, publisher)

    old.msg(failure=failing(ValueError(CANARY)), why="closing broke", isError=1)
    old.msg(failure=failing(ValueError(CANARY)), why=None, isError=1)
    new = logged(
        lambda log: log.failure("gone: {url}", failing(OSError(CANARY)), url=CANARY),
        namespace="twisted.web",
    )

    assert "closing broke\n    ValueError\n" in out.getvalue()
    assert "log_legacy Unhandled error\n    ValueError\n" in out.getvalue()
    assert CANARY not in out.getvalue()
    assert "gone: [withheld]" in new


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (KeyError(CANARY), "KeyError"),
        (ConfigError("node", "expected a name"), "zimgpt.config.errors.ConfigError"
         " node: expected a name"),
        (OSError(2, "No such file"), "FileNotFoundError [Errno 2] No such file"),
        (Refused(), "twisted.internet.error.ConnectionRefusedError"
         " Connection was refused by other side."),
        (psycopg2.OperationalError("no server"), "psycopg2.OperationalError no server"),
        (UniqueViolation(CANARY), "psycopg2.errors.UniqueViolation"),
        (ResponseNeverReceived([Failure(Refused()), Failure(KeyError(CANARY))]),
         "twisted.web._newclient.ResponseNeverReceived"
         " (twisted.internet.error.ConnectionRefusedError"
         " Connection was refused by other side.; KeyError)"),
    ],
)  # fmt: skip
def test_words_of_harmless_errors_only(error: BaseException, line: str) -> None:
    """An error's words are shown if its kind never repeats what it was given."""
    assert kind(error) == line


def test_a_broken_rule_of_the_database_is_named(database: str) -> None:
    """Its code and the constraint are shown; the row, which is somebody's, is not."""
    connection = psycopg2.connect(database)
    with connection.cursor() as cursor:
        insert = "insert into users (phone_e164) values (%s)"
        cursor.execute(insert, (CANARY,))
        with pytest.raises(UniqueViolation) as refused:
            cursor.execute(insert, (CANARY,))
    connection.close()

    assert CANARY in str(refused.value)
    assert kind(refused.value) == (
        "psycopg2.errors.UniqueViolation 23505 users_phone_unique"
    )


def chained(*, hide: bool) -> Failure:
    """A failure that came of another; or that says it did not."""
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as error:
            raise ValueError from (None if hide else error)
    except ValueError as error:
        return Failure(error)


def test_causes() -> None:
    """What an error came of is shown, unless it was hidden on purpose."""
    assert list(described(chained(hide=False)))[:2] == [
        "ValueError",
        "because of KeyError",
    ]
    assert not list(described(chained(hide=True)))[1].startswith("because")


def test_places_are_ours_and_the_innermost() -> None:
    """Frames of libraries are left out, but for the one that raised."""

    with pytest.raises(InvalidLogLevelError) as refused:
        json_lines(StringIO(), level="nonsense")

    failure = Failure(refused.value, refused.type, refused.tb)
    places = [line for line in described(failure) if line.startswith("  at ")]
    assert len(places) == 4
    assert all(one.startswith("  at zimgpt/observe/__init__.py:") for one in places[:3])
    assert places[3].startswith("  at twisted/logger/_levels.py:")


def test_a_failure_without_a_stack() -> None:
    """One that was never raised has no places."""
    assert list(described(Failure(KeyError(CANARY)))) == ["KeyError"]


def test_events_that_lack_everything() -> None:
    """An event without time, level and namespace is written all the same."""
    out = StringIO()
    text_lines(out)({"log_format": "bare"})

    assert out.getvalue() == "- info  - bare\n"


def test_named_in() -> None:
    """Fields are known by the first part of their name."""
    event = {"log_format": "{a} {b.c} {d[0]} {e()} {{f}}", "log_level": LogLevel.info}

    assert named_in(event) == frozenset("abde")
    assert named_in({"log_format": "{"}) == frozenset()
    assert named_in({}) == frozenset()


def test_no_line_of_ours_is_withheld_by_mistake() -> None:
    """Every field that our code puts into a log line's text is one that is shown."""
    package = Path(zimgpt.__file__).parent
    formats = {
        (str(path.relative_to(package)), call.args[0].value)
        for path in package.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).startswith(("log.", "self.log.", "self._log."))
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    withheld = {
        (path, format, name)
        for path, format in formats
        for name in named_in({"log_format": format}) - FIELDS
    }

    assert formats
    assert withheld - ON_PURPOSE == set(), "harmless? then it belongs in FIELDS"


def test_standard_output_unless_told(capsys: pytest.CaptureFixture[str]) -> None:
    """As `twistd --logger zimgpt.observe.json_lines` makes them."""
    json_lines()({"log_format": "said", "log_level": LogLevel.info})

    assert json.loads(capsys.readouterr().out)["event"] == "said"
