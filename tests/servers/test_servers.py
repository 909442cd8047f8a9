"""The private servers that other tests rely on."""

from __future__ import annotations

import psycopg2
import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ


def _mine(url: str) -> int:
    """How many tables of this name there were before this call made one."""
    connection = psycopg2.connect(url)
    cursor = connection.cursor()
    cursor.execute("select count(*) from pg_tables where tablename = 'mine'")
    ((count,),) = cursor.fetchall()
    cursor.execute("create table if not exists mine (it int)")
    connection.commit()
    connection.close()
    return int(count)


def test_every_test_has_its_own_database(postgres: PostgreSQL) -> None:
    """What one test writes no other sees."""
    with postgres.database() as one, postgres.database() as other:
        assert [_mine(one), _mine(other)] == [0, 0]


def test_a_crash_breaks_connections_and_keeps_data(postgres: PostgreSQL) -> None:
    """After an immediate restart the data are there, the connections are not."""
    with postgres.database() as url:
        _mine(url)
        connection = psycopg2.connect(url)
        postgres.restart(immediate=True)

        with pytest.raises(psycopg2.DatabaseError):
            connection.cursor().execute("select 1")
        connection.close()
        assert _mine(url) == 1


def test_every_test_has_its_own_vhost(rabbitmq: RabbitMQ) -> None:
    """No two of them share a queue, and both exist."""
    one, other = rabbitmq.vhost(), rabbitmq.vhost()

    names = rabbitmq.control("list_vhosts").split()

    assert one != other
    assert {url.rpartition("/")[2] for url in (one, other)} <= set(names)


@pytest.mark.patience(2)
async def test_the_reactor_turns() -> None:
    """An asynchronous test runs to its end under the reactor."""
    from twisted.internet import reactor

    done: Deferred[str] = Deferred()
    await deferLater(reactor, 0.01, done.callback, "turned")

    assert await done == "turned"
