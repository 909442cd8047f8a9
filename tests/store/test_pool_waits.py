"""The pool waits for nothing for long, and for nobody at its end."""

from __future__ import annotations

import os
import signal

import psycopg2
import pytest
from twisted.internet import reactor
from twisted.internet.task import Clock, deferLater

from tests.store.clerk import Clerk
from tests.store.waiting import ADD, MINE, SLOW, opened, task, until
from zimgpt.domain.errors import Unavailable
from zimgpt.store.line import Connection, Line
from zimgpt.store.pool import LONGEST, PATIENCE, Pool, Tx


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
