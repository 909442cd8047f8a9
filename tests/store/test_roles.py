"""The role of the application: it moves money and text through functions alone."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege, IntegrityConstraintViolation

from tests.servers.postgresql import PostgreSQL
from tests.store.clerk import Clerk
from zimgpt.store.pool import Pool

FUNCTIONS = """
select p.oid::regprocedure::text, p.prosecdef, coalesce(p.proconfig, '{}'),
       has_function_privilege('public', p.oid, 'execute')
  from pg_proc p where p.pronamespace = 'public'::regnamespace
"""

KEPT = {
    "entries": "amount",
    "transfers": "reason",
    "prices": "model",
    "model_costs": "model",
    "payment_events": "status",
    "packages": "package",
    "rates": "currency",
}
"""Tables in which nothing is ever changed or removed, each with a column."""

WHOLE = (*KEPT, "accounts", "payments", "payment_corrections", "reservations")
"""Tables that are never emptied."""

WRITABLE = {
    ("sessions", "insert"),
    ("sessions", "update"),
    ("sessions", "delete"),
    ("outbox", "delete"),
    ("prices", "insert"),
    ("model_costs", "insert"),
    ("packages", "insert"),
    ("rates", "insert"),
}
"""What the application may do without a function, column grants apart."""


@pytest.fixture(scope="module")
def database(postgres: PostgreSQL) -> Iterator[str]:
    """One for all tests here: nearly everything in them is refused."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def superuser(database: str, clerk: Clerk) -> Iterator[Clerk]:
    """The database's owner, in a database in which somebody was answered."""
    clerk.answered(clerk.person(5_000))
    with Clerk(database, superuser=True) as owner:
        owner.rows(
            "insert into prices (model, prompt_millis, completion_millis)"
            " values ('m', 1, 1);"
            " insert into model_costs (model, prompt_micros, completion_micros)"
            " values ('m', 1, 1);"
            " insert into payment_events (source, status, hash_ok)"
            " values ('callback', 'Paid', false);"
            " insert into rates (currency, cents_per_dollar) values ('ZWG', 2680)"
        )
        yield owner


@pytest.mark.parametrize(("table", "column"), KEPT.items())
@pytest.mark.parametrize("change", ["update {0} set {1} = {1}", "delete from {0}"])
def test_rows_are_kept_for_ever(
    superuser: Clerk, table: str, column: str, change: str
) -> None:
    """Not even the owner changes or removes what is append-only."""
    with pytest.raises(IntegrityConstraintViolation, match=f"{table} is append-only"):
        superuser.rows(change.format(table, column))


@pytest.mark.parametrize("table", WHOLE)
def test_tables_are_never_emptied(superuser: Clerk, table: str) -> None:
    """TRUNCATE is refused, with CASCADE and as the owner, too."""
    with pytest.raises(IntegrityConstraintViolation, match="is append-only"):
        superuser.rows(f"truncate {table} cascade")


def test_an_unbalanced_transfer_is_not_committed(superuser: Clerk) -> None:
    """Entries that do not sum to zero fail at the commit."""
    with pytest.raises(IntegrityConstraintViolation, match="unbalanced transfer"):
        superuser.rows(
            "with t as (insert into transfers (kind, idem_key)"
            "             values ('adjust', 'k') returning id)"
            " insert into entries (transfer_id, account_id, amount)"
            " select t.id, a.id, 5 from t, accounts a where a.kind = 'adjust'"
        )


def test_functions_are_sealed(clerk: Clerk) -> None:
    """Each runs as its owner, finds only our tables, and is nobody's by default."""
    functions = clerk.rows(FUNCTIONS)

    open_ones = [
        name
        for name, definer, settings, public in functions
        if not definer or settings != ["search_path=public, pg_temp"] or public
    ]

    assert len(functions) > 15
    assert open_ones == []


def test_the_inner_functions_are_out_of_reach(clerk: Clerk) -> None:
    """Tokens move only as a whole question, grant or payment."""
    user = clerk.person(100)
    calls = [
        "select post_transfer('grant', 'k', array[1, 2]::bigint[], array[-1, 1])",
        f"select reserve('00000000-0000-0000-0000-000000000000', {user}, 1, '1 s')",
        "select settle('00000000-0000-0000-0000-000000000000', 1)",
    ]

    for call in calls:
        with pytest.raises(InsufficientPrivilege):
            clerk.rows(call)


def test_tables_are_written_through_functions(clerk: Clerk) -> None:
    """The application inserts, updates and deletes next to nothing directly."""
    granted = clerk.rows(
        "select c.relname, lower(p.privilege)"
        "  from pg_class c, unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,"
        "TRIGGER}'::text[]) as p (privilege)"
        " where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'"
        "   and has_table_privilege(c.oid, p.privilege)"
    )

    assert set(granted) == WRITABLE


def test_columns_that_are_written_directly(clerk: Clerk) -> None:
    """Of the rest of the tables only these columns may be updated."""
    columns = clerk.rows(
        "select c.relname || '.' || a.attname"
        "  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0"
        " where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'"
        "   and not a.attisdropped"
        "   and not has_table_privilege(c.oid, 'update')"
        "   and has_column_privilege(c.oid, a.attnum, 'update')"
    )

    assert {column for (column,) in columns} == {
        "users.answer_language",
        "users.password_hash",
        "users.failures",
        "users.locked_until",
        "conversations.title",
        "conversations.deleted_at",
        "outbox.confirmed_at",
        "api_keys.name",
        "api_keys.budget",
        "api_keys.per_minute",
        "api_keys.revoked_at",
    }


@pytest.mark.parametrize(
    "statement",
    [
        "update accounts set balance = 1000000",
        "insert into accounts (kind) values ('spent')",
        "insert into transfers (kind, idem_key) values ('grant', 'k')",
        "insert into entries (transfer_id, account_id, amount) values (1, 1, 1)",
        "update reservations set settled = 0",
        "update answers set state = 'queued', finished_at = null",
        "insert into answer_chunks (answer_id, epoch, seq, text_part)"
        " select id, 1, 9, 'x' from answers",
        "update jobs set state = 'queued', finished_at = null",
        "update payments set state = 'created'",
        "insert into payment_events (source, status, hash_ok)"
        " values ('poll', 'Paid', true)",
        "update users set phone_e164 = null",
        "truncate entries",
        "drop table entries",
        "alter table entries disable trigger all",
        "set session_replication_role = replica",
        "create table mine ()",
    ],
)
def test_money_cannot_be_written(clerk: Clerk, statement: str) -> None:
    """A slip in a statement of the application's cannot make tokens."""
    clerk.answered(clerk.person(5_000))

    with pytest.raises(InsufficientPrivilege):
        clerk.rows(statement)


def test_a_temporary_table_deceives_no_function(clerk: Clerk) -> None:
    """A function, and a trigger at commit, read our tables and no others."""
    user = clerk.person(100)
    clerk.rows(
        "create temp table accounts as select * from public.accounts;"
        "create temp table entries as select * from public.entries;"
        "update pg_temp.accounts set balance = 1000000"
    )

    asked = clerk.ask(user, hold=200)

    assert asked.outcome == "insufficient"


@pytest.mark.usefixtures("sound")
async def test_the_pool_steps_down(pool: Pool) -> None:
    """A fresh connection of the pool is not its owner's, but the application's."""
    rows = await pool.query("select current_user, current_setting('is_superuser')")

    assert rows == [("zimgpt_app", "off")]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        await pool.query("update accounts set balance = 0")
