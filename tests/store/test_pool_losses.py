"""The pool finds its way back after every loss."""

from __future__ import annotations

import pytest
from twisted.internet import reactor
from twisted.internet.defer import gatherResults
from twisted.internet.endpoints import serverFromString
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock, deferLater

from tests.servers.postgresql import PostgreSQL
from tests.store.clerk import Clerk
from tests.store.waiting import ADD, MINE, SLOW, opened, task, until
from zimgpt.domain.errors import NotFound, Unavailable
from zimgpt.store.line import Connection
from zimgpt.store.pool import PATIENCE, Pool, Tx


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


@pytest.mark.patience(180)
async def test_the_pool_heals_after_a_restart(
    postgres: PostgreSQL, database: str, notes: Clerk, said: list[str]
) -> None:
    """The server crashes and comes back: so does every connection, soon."""
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
    await until(lambda: pool.connected == 3)
    assert said == ["database not reached: {reason}", "database reached again"]
    pool.close()


@pytest.mark.patience(180)
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
