"""What tests of the store share: a clerk, a pool, and a check of everything after."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_twisted import blockon
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from zope.interface import implementer

from tests.store.clerk import Clerk
from zimgpt.store.invariants import violations
from zimgpt.store.pool import Pool


@pytest.fixture
def sound(database: str) -> Iterator[None]:
    """After the test every invariant holds."""
    yield
    assert violations(database) == []


@pytest.fixture
def clerk(database: str, sound: None) -> Iterator[Clerk]:
    """A connection as the application's; all is sound when it has done its work."""
    with Clerk(database) as clerk:
        yield clerk


@pytest.fixture
def owner(database: str, sound: None) -> Iterator[Clerk]:
    """The database's owner, who may call and change what the application may not."""
    with Clerk(database, superuser=True) as owner:
        yield owner


@pytest.fixture
def pool(database: str) -> Iterator[Pool]:
    """A few connections to a new database."""
    pool = Pool(reactor, database, 3)
    blockon(Deferred.fromCoroutine(pool.start()))  # type: ignore[no-untyped-call]
    yield pool
    pool.close()


@pytest.fixture
def notes(database: str) -> Iterator[Clerk]:
    """The owner of a table that the application may write."""
    with Clerk(database, superuser=True) as owner:
        owner.rows(
            "create table notes (text text unique);"
            "create table pairs (a int primary key, b int references pairs (a)"
            "  deferrable initially deferred);"
            "grant select, insert on notes, pairs to zimgpt_app"
        )
        yield owner


@pytest.fixture
def clock() -> Clock:
    """The pool's time, where it does not pass by itself."""
    return Clock()


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What the pool logs."""
    lines: list[str] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        if str(event.get("log_namespace", "")).startswith("zimgpt.store.pool"):
            lines.append(str(event["log_format"]))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)
