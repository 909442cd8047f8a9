"""The pool: whole transactions, bounded waits, and a way back after every loss."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psycopg2
import pytest
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.endpoints import serverFromString
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock, deferLater
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from zope.interface import implementer

from tests.servers.postgresql import PostgreSQL
from tests.store.clerk import Clerk
from zimgpt.domain.errors import NotFound, Unavailable
from zimgpt.store.line import Connection, Line
from zimgpt.store.pool import LONGEST, PATIENCE, Pool, Tx

ADD = "insert into notes (text) values (%s)"
SLOW = "select pg_sleep(30)"
MINE = "select pg_backend_pid()"


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


def task(work: Awaitable[Any]) -> Deferred[Any]:
    """Begins something that goes on by itself."""

    async def run() -> object:
        return await work

    return Deferred.fromCoroutine(run())


async def until(happened: Callable[[], object], seconds: float = 5.0) -> None:
    """Waits for the real world."""
    for _ in range(int(seconds / 0.01)):
        if happened():
            return
        await deferLater(reactor, 0.01)
    raise AssertionError("it did not happen")


async def opened(url: str, size: int, clock: Clock | None = None) -> Pool:
    """A pool whose connections are real, and whose time may not be."""
    pool = Pool(clock or reactor, url, size, connect=lambda: Connection(reactor))
    await pool.start()
    return pool


# ---- statements and transactions -------------------------------------------------


async def test_a_query_gives_rows(pool: Pool, notes: Clerk) -> None:
    """As many as there are; none for a statement that has none."""
    assert await pool.query(ADD, ("one",)) == []
    assert await pool.query("select text, 1 from notes") == [("one", 1)]
    named = {"text": "nothing"}
    assert await pool.query("select from notes where text = %(text)s", named) == []
    assert notes.value("select text from notes") == "one"


async def test_a_violation_is_told_as_what_it_is(pool: Pool, notes: Clerk) -> None:
    """With the constraint's name; the connection is as good as before."""
    await pool.query(ADD, ("one",))

    with pytest.raises(psycopg2.errors.UniqueViolation) as caught:
        await pool.query(ADD, ("one",))
    with pytest.raises(psycopg2.errors.UndefinedTable):
        await pool.query("select * from nowhere")

    assert caught.value.diag.constraint_name == "notes_text_key"
    assert pool.connected == 3
    assert await pool.query("select 1") == [(1,)]


async def test_a_transaction_is_committed_whole(pool: Pool, notes: Clerk) -> None:
    """Nothing is seen before its end, all of it after."""
    seen = []

    async def work(tx: Tx) -> str:
        await tx.query(ADD, ("one",))
        await tx.query(ADD, ("two",))
        seen.extend(notes.rows("select text from notes"))
        return "done"

    assert await pool.transact(work) == "done"

    assert seen == []
    assert notes.rows("select text from notes") == [("one",), ("two",)]


@pytest.mark.parametrize("error", [NotFound, ValueError, KeyboardInterrupt])
async def test_any_error_rolls_back(
    pool: Pool, notes: Clerk, error: type[BaseException]
) -> None:
    """It goes on to the caller, and nothing was done."""

    async def work(tx: Tx) -> None:
        await tx.query(ADD, ("one",))
        raise error

    with pytest.raises(error):
        await pool.transact(work)

    assert notes.rows("select text from notes") == []
    assert pool.connected == 3


async def test_work_that_is_cancelled_rolls_back(pool: Pool, notes: Clerk) -> None:
    """What it waited for was cancelled: nothing was done, and it may be tried again."""

    async def work(tx: Tx) -> None:
        await tx.query(ADD, ("one",))
        raise CancelledError

    with pytest.raises(Unavailable):
        await pool.transact(work)

    assert notes.rows("select text from notes") == []


async def test_a_commit_that_fails_is_an_error(pool: Pool, notes: Clerk) -> None:
    """A deferred constraint speaks at the commit; the connection is good after it."""

    async def work(tx: Tx) -> None:
        await tx.query("insert into pairs (a, b) values (1, 2)")

    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        await pool.transact(work)

    assert notes.rows("select a from pairs") == []
    assert pool.connected == 3


async def test_an_overlooked_failure_is_no_commit(pool: Pool, notes: Clerk) -> None:
    """PostgreSQL answers COMMIT with a silent rollback; here it is an error."""

    async def work(tx: Tx) -> None:
        await tx.query(ADD, ("one",))
        with pytest.raises(psycopg2.errors.UniqueViolation):
            await tx.query(ADD, ("one",))

    with pytest.raises(psycopg2.errors.InFailedSqlTransaction):
        await pool.transact(work)

    assert notes.rows("select text from notes") == []
    assert await pool.query("select 1") == [(1,)]


async def test_as_many_at_once_as_connections(pool: Pool) -> None:
    """The others wait their turn, and all are served."""
    queries = [task(pool.query("select %s, pg_sleep(0.02)", (n,))) for n in range(9)]

    rows = await gatherResults(queries)

    assert [row[0] for [row] in rows] == list(range(9))
    assert pool.connected == 3


# ---- callers who go away -----------------------------------------------------------


async def test_a_caller_who_goes_away_leaves_the_statement(
    database: str, notes: Clerk
) -> None:
    """It runs to its end, and its connection serves the next."""
    pool = await opened(database, 1)
    add = "insert into notes select 'kept' from pg_sleep(0.05)"

    query = task(pool.query(add))
    query.cancel()
    with pytest.raises(CancelledError):
        await query

    assert await pool.query("select text from notes") == [("kept",)]
    pool.close()


async def test_a_caller_who_goes_away_leaves_the_transaction(
    database: str, notes: Clerk
) -> None:
    """It is committed whole; an error in it is nobody's any more."""
    pool = await opened(database, 1)

    async def work(tx: Tx) -> None:
        await tx.query(ADD, ("one",))
        await tx.query(ADD, ("two",))

    for _ in range(2):  # the second fails
        transaction = task(pool.transact(work))
        transaction.cancel()
        with pytest.raises(CancelledError):
            await transaction

    assert await pool.query("select text from notes") == [("one",), ("two",)]
    assert pool.connected == 1
    pool.close()


# ---- waits that end ----------------------------------------------------------------


async def test_nobody_waits_long_for_a_connection(database: str, clock: Clock) -> None:
    """After five seconds without a free one the database is unavailable."""
    pool = await opened(database, 1, clock)
    slow = task(pool.query("select pg_sleep(0.1)"))
    waiting = task(pool.query("select 1"))

    clock.advance(PATIENCE - 0.1)
    assert not waiting.called
    clock.advance(0.1)

    with pytest.raises(Unavailable):
        await waiting
    await slow
    assert await pool.query("select 1") == [(1,)]
    pool.close()
    assert clock.getDelayedCalls() == []


async def test_a_slow_statement_is_given_up(database: str) -> None:
    """By the server; the connection is kept."""
    pool = await opened(database, 1)
    [(pid,)] = await pool.query(MINE)
    await pool.query("set statement_timeout = '50ms'")

    with pytest.raises(Unavailable):
        await pool.query(SLOW)

    assert await pool.query(MINE) == [(pid,)]
    pool.close()


async def test_a_slow_statement_rolls_its_transaction_back(
    database: str, notes: Clerk
) -> None:
    """What came before it is undone."""
    pool = await opened(database, 1)

    async def work(tx: Tx) -> None:
        await tx.query("set local statement_timeout = '50ms'")
        await tx.query(ADD, ("one",))
        await tx.query(SLOW)

    with pytest.raises(Unavailable):
        await pool.transact(work)

    assert await pool.query("select text from notes") == []
    pool.close()


async def test_a_lock_is_not_waited_for_long(database: str, notes: Clerk) -> None:
    """The connection that met it is kept: a storm of locks must not cost them all."""
    pool = await opened(database, 1)
    [(pid,)] = await pool.query(MINE)
    await pool.query("set lock_timeout = '50ms'")
    notes.rows("begin; lock table notes in access exclusive mode")

    with pytest.raises(Unavailable):
        await pool.query(ADD, ("one",))

    notes.rows("rollback")
    assert await pool.query(MINE) == [(pid,)]
    pool.close()


async def test_limits_are_set_on_every_connection(pool: Pool) -> None:
    """Statements, locks and idle transactions have an end at the server."""
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")

    [limits] = await pool.query(
        "select current_setting(%s), current_setting(%s), current_setting(%s)", names
    )

    assert limits == ("5s", "2s", "10s")


async def test_a_frozen_server_is_given_up(database: str, clock: Clock) -> None:
    """It says nothing and closes nothing; another connection takes its place."""
    pool = await opened(database, 1, clock)
    [(pid,)] = await pool.query(MINE)
    os.kill(pid, signal.SIGSTOP)
    try:
        query = task(pool.query("select 1"))

        clock.advance(LONGEST)

        with pytest.raises(Unavailable):
            await query
        clock.advance(0)
        await until(lambda: pool.connected == 1)
        [(other,)] = await pool.query(MINE)
        assert other != pid
    finally:
        os.kill(pid, signal.SIGCONT)
        pool.close()


# ---- losses ------------------------------------------------------------------------


async def test_a_connection_killed_in_use(pool: Pool, notes: Clerk) -> None:
    """Its query fails as unavailable; soon there are as many connections again."""
    query = task(pool.query(SLOW))
    active = "select pid from pg_stat_activity where query = %s"
    await until(lambda: notes.rows(active, SLOW))

    notes.rows("select pg_terminate_backend(%s)", notes.value(active, SLOW))

    with pytest.raises(Unavailable):
        await query
    await until(lambda: pool.connected == 3)
    assert await pool.query("select 1") == [(1,)]


async def test_a_connection_killed_within_a_transaction(
    pool: Pool, notes: Clerk
) -> None:
    """Nothing of it is there, and it is unavailable whichever statement finds out."""

    async def work(tx: Tx) -> None:
        await tx.query(ADD, ("one",))
        [(pid,)] = await tx.query(MINE)
        notes.rows("select pg_terminate_backend(%s, 5000)", pid)
        await tx.query(ADD, ("two",))

    with pytest.raises(Unavailable):
        await pool.transact(work)

    assert notes.rows("select text from notes") == []
    await until(lambda: pool.connected == 3)


async def test_a_connection_lost_between_two_statements(
    pool: Pool, notes: Clerk
) -> None:
    """The reactor sees it first; whose transaction it was hears of it, once."""

    async def work(tx: Tx) -> None:
        [(pid,)] = await tx.query(MINE)
        notes.rows("select pg_terminate_backend(%s, 5000)", pid)
        await deferLater(reactor, 0.05)
        await tx.query("select 1")

    with pytest.raises(Unavailable):
        await pool.transact(work)

    await until(lambda: pool.connected == 3)


async def test_an_error_of_the_work_outlives_its_connection(
    pool: Pool, notes: Clerk
) -> None:
    """Though the rollback fails, the caller hears what went wrong."""

    async def work(tx: Tx) -> None:
        [(pid,)] = await tx.query(MINE)
        notes.rows("select pg_terminate_backend(%s, 5000)", pid)
        raise NotFound

    with pytest.raises(NotFound):
        await pool.transact(work)

    await until(lambda: pool.connected == 3)


async def test_idle_connections_come_back(
    pool: Pool, notes: Clerk, said: list[str]
) -> None:
    """All are killed while nobody looks; the next query notices nothing."""
    others = (
        "select pid from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    before = set(notes.rows(others))

    notes.rows(f"select pg_terminate_backend(pid, 5000) from ({others}) o")

    await until(lambda: len(set(notes.rows(others)) - before) == 3)
    await until(lambda: pool.connected == 3)
    assert await gatherResults([task(pool.query("select 1")) for _ in range(3)])
    assert said == []


@pytest.mark.patience(60)
async def test_the_pool_heals_after_a_restart(
    postgres: PostgreSQL, database: str, notes: Clerk, said: list[str]
) -> None:
    """The server crashes and comes back: so does every connection, within 5 s."""
    pool = await opened(database, 3)
    under_way = task(pool.query(SLOW))
    asleep = "select 1 from pg_stat_activity where query = %s"
    await until(lambda: notes.rows(asleep, SLOW))

    postgres.stop(immediate=True)
    try:
        with pytest.raises(Unavailable):
            await under_way
        await until(lambda: pool.connected == 0)
        waiting = task(pool.query("select 1"))
        await until(lambda: len(said) == 1)
        await deferLater(reactor, 0.7)  # two tries more
    finally:
        postgres.start()

    assert await waiting == [(1,)]
    await until(lambda: pool.connected == 3, seconds=5)
    assert said == ["database not reached: {reason}", "database reached again"]
    pool.close()


@pytest.mark.patience(60)
async def test_nobody_waits_long_for_a_server(
    postgres: PostgreSQL, database: str, clock: Clock
) -> None:
    """While it is away a query fails after five seconds, also at the start."""
    postgres.stop(immediate=True)
    try:
        pool = await opened(database, 2, clock)
        query = task(pool.query("select 1"))
        clock.advance(PATIENCE)
        with pytest.raises(Unavailable):
            await query
    finally:
        postgres.start()

    clock.advance(0.3)
    await until(lambda: pool.connected == 2)
    assert await pool.query("select 1") == [(1,)]
    pool.close()


class Silent(Protocol):
    """Takes connections and never says a word."""


async def test_a_silent_server_is_not_waited_for(clock: Clock, said: list[str]) -> None:
    """A connection that is not made within five seconds is tried again."""
    factory = Factory.forProtocol(Silent)
    endpoint = serverFromString(reactor, "tcp:0:interface=127.0.0.1")
    port = await endpoint.listen(factory)
    pool = Pool(
        clock,
        f"postgresql://x@127.0.0.1:{port.getHost().port}/x?sslmode=disable",
        2,
        connect=lambda: Connection(reactor),
    )
    starting = task(pool.start())

    clock.advance(PATIENCE)
    await starting
    assert said == ["database not reached: {reason}"]
    clock.advance(0.3)  # both are tried again
    await deferLater(reactor, 0.02)

    pool.close()
    await deferLater(reactor, 0)
    assert clock.getDelayedCalls() == []
    await port.stopListening()


# ---- the end -----------------------------------------------------------------------


async def test_closing_ends_everything(database: str, clock: Clock) -> None:
    """Who uses a connection, and who waits for one, hears that there is none."""
    pool = await opened(database, 2, clock)
    queries = [task(pool.query(SLOW)) for _ in range(3)]

    pool.close()
    queries.append(task(pool.query("select 1")))

    for query in queries:
        with pytest.raises(Unavailable):
            await query
    assert pool.connected == 0
    assert clock.getDelayedCalls() == []


async def test_closing_before_a_connection_is_up(database: str, clock: Clock) -> None:
    """What is still being dialled is given up, however far it is."""
    for turns in range(6):
        pool = Pool(clock, database, 1, connect=lambda: Connection(reactor))
        starting = task(pool.start())
        for _ in range(turns):
            await deferLater(reactor, 0)
        pool.close()
        await starting
        assert pool.connected == 0
    assert clock.getDelayedCalls() == []


async def test_closing_when_a_connection_is_just_up(
    database: str, clock: Clock
) -> None:
    """The pool does not know of it yet, and closes it when it does."""
    connection = Connection(reactor)
    pool = Pool(clock, database, 1, connect=lambda: connection)
    starting = task(pool.start())
    while connection._pollingD is not None:
        await deferLater(reactor, 0)

    pool.close()
    assert not Line(connection).closed
    await starting

    assert Line(connection).closed
    assert pool.connected == 0


async def test_closing_between_tries(clock: Clock, said: list[str]) -> None:
    """No try is left behind."""
    pool = await opened("postgresql:///x?host=/nowhere", 2, clock)
    assert len(clock.getDelayedCalls()) == 2

    pool.close()

    assert clock.getDelayedCalls() == []
    assert said == ["database not reached: {reason}"]


async def test_a_wrong_url_is_told_at_the_start(clock: Clock) -> None:
    """What no waiting would mend is not tried again."""
    pool = Pool(clock, "host=x nonsense", 1, connect=lambda: Connection(reactor))

    with pytest.raises(psycopg2.ProgrammingError):
        await pool.start()

    pool.close()
    assert clock.getDelayedCalls() == []
