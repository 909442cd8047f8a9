"""Operators' work in threads: committed or not at all, bounded, and never more rights
than the application has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults

from tests.store.clerk import Clerk
from zimgpt.domain.errors import Refusal, Unavailable
from zimgpt.flows.ports.back_office import DeskBusy
from zimgpt.store.deskwork import QUEUE, THREADS, Deskwork, threads


@pytest.fixture
def desk(database: str) -> Iterator[Deskwork]:
    """A desk at a new database."""
    pool = threads()
    pool.start()
    yield Deskwork(reactor, pool, database)  # type: ignore[arg-type]
    pool.stop()


def wrote(text: str) -> Callable[[Connection], str]:
    """Work that leaves a note."""

    def work(connection: Connection) -> str:
        with connection.cursor() as cursor:
            cursor.execute("insert into notes (text) values (%s)", (text,))
        return text

    return work


async def test_work_is_committed_or_not_at_all(desk: Deskwork, notes: Clerk) -> None:
    """What was refused leaves nothing behind."""
    assert await desk.do(wrote("one")) == "one"

    def refused(connection: Connection) -> None:
        wrote("two")(connection)
        raise Refusal

    with pytest.raises(Refusal):
        await desk.do(refused)

    assert notes.rows("select text from notes") == [("one",)]


async def test_it_has_the_application_s_rights(desk: Deskwork) -> None:
    """Though whoever connects may have more."""

    def steal(connection: Connection) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select totp_secret from operators")

    with pytest.raises(InsufficientPrivilege):
        await desk.do(steal)


async def test_a_database_that_is_away_is_told() -> None:
    """As by every other door."""
    pool = threads()
    pool.start()
    away = Deskwork(reactor, pool, "postgresql://127.0.0.1:1/none")  # type: ignore[arg-type]
    try:
        with pytest.raises(Unavailable):
            await away.do(lambda _: None)
    finally:
        pool.stop()


async def test_no_more_waits_than_can_be_served(desk: Deskwork) -> None:
    """The next is asked to come back; those before it are served."""
    go = Event()
    waiting = [
        Deferred.fromCoroutine(desk.do(lambda _: go.wait(10)))
        for _ in range(THREADS + QUEUE)
    ]

    with pytest.raises(DeskBusy):
        await desk.do(lambda _: None)

    go.set()
    assert await gatherResults(waiting) == [True] * (THREADS + QUEUE)
    assert await desk.do(lambda _: "again") == "again"
