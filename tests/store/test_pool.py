"""The pool: rows, whole transactions, and callers who go away."""

from __future__ import annotations

import psycopg2
import pytest
from twisted.internet.defer import CancelledError, gatherResults

from tests.store.clerk import Clerk
from tests.store.waiting import ADD, opened, task
from zimgpt.domain.errors import NotFound, Unavailable
from zimgpt.store.pool import Pool, Tx


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
