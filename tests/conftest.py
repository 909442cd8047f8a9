"""What every test gets: private servers when it asks, an end, and a tidy one."""

from __future__ import annotations

import functools
import gc
import inspect
import os
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pytest_twisted import blockon
from twisted.internet.base import DelayedCall
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionAborted
from twisted.internet.task import deferLater
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.python.failure import Failure
from zope.interface import implementer

from tests.servers import rabbitmq as broker
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ

PATIENCE = 60.0  # seconds an asynchronous test may take unless it is marked

# How long an example takes says how busy the machine is, not whether a promise holds.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Registers our marks."""
    config.addinivalue_line(
        "markers", "patience(seconds): gives an asynchronous test more time"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives every asynchronous test an end.

    Not pytest-timeout: it stops the reactor, and with it all tests that follow.
    """
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            mark = item.get_closest_marker("patience")
            item.obj = _bounded(item.obj, mark.args[0] if mark else PATIENCE)


def pytest_collection_finish() -> None:
    """Keeps everything imported out of the collections that follow each test."""
    gc.collect()
    gc.freeze()


def _bounded(
    test: Callable[..., Coroutine[Deferred[Any], Any, None]], seconds: float
) -> Callable[..., Deferred[None]]:
    async def told(**fixtures: object) -> None:
        try:
            await test(**fixtures)
        except CancelledError as cancelled:  # it knows which line has waited
            raise TimeoutError(f"not done within {seconds} s") from cancelled

    @functools.wraps(test)
    def run(**fixtures: object) -> Deferred[None]:
        from twisted.internet import reactor

        return Deferred.fromCoroutine(told(**fixtures)).addTimeout(seconds, reactor)

    return run


@pytest.fixture(autouse=True)
def tidy() -> Iterator[list[LogEvent]]:
    """A test that leaves a timer, an open socket or an unhandled failure fails.

    A test that expects a failure to be logged takes it out of this list.
    """
    errors: list[LogEvent] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        if "log_failure" in event:
            errors.append(event)

    _wait(_settled(_at_work()))  # the first wait starts the reactor, and its own files
    before = _at_work()
    globalLogPublisher.addObserver(observe)
    yield errors
    gc.collect()  # dropped Deferreds report only now
    _wait(_settled(before))
    globalLogPublisher.removeObserver(observe)
    left = _at_work() - before
    for thing in left:
        _put_away(thing)
    assert not errors, [event["log_failure"].getTraceback() for event in errors]
    assert not left, f"left at work: {left}"


def _wait(what: Coroutine[Deferred[Any], Any, None]) -> None:
    blockon(Deferred.fromCoroutine(what))  # type: ignore[no-untyped-call]


def _at_work() -> set[object]:
    """The timers and open files of the reactor."""
    from twisted.internet import reactor

    return {
        *reactor.getDelayedCalls(),
        *reactor.getReaders(),
        *reactor.getWriters(),
    }


async def _settled(before: set[object]) -> None:
    """Gives what is closing its time to be closed, much on a machine that is busy."""
    from twisted.internet import reactor

    await deferLater(reactor, 0)
    for _ in range(500):
        if not _at_work() - before:
            return
        await deferLater(reactor, 0.01)


def _put_away(thing: Any) -> None:  # noqa: ANN401
    """Keeps one test's mess out of the next."""
    if isinstance(thing, DelayedCall):
        thing.cancel()
    else:
        thing.connectionLost(Failure(ConnectionAborted()))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A private PostgreSQL, started when the first test asks."""
    with PostgreSQL() as server:
        yield server


@pytest.fixture
def database(postgres: PostgreSQL) -> Iterator[str]:
    """The URL of a new, migrated database."""
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """A private RabbitMQ, started when the first test asks."""
    if not broker.installed():
        lack = "RabbitMQ is not installed; as root: apt-get install rabbitmq-server"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{lack}. Its tests are never skipped when CI=true.")
        pytest.skip(lack)
    with RabbitMQ() as server:
        yield server


@pytest.fixture
def vhost(rabbitmq: RabbitMQ) -> str:
    """The amqp:// URL of a virtual host of its own."""
    return rabbitmq.vhost()
