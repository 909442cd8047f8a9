"""Migrations: forward, once, one at a time, and only for databases that fit."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import psycopg2
import pytest

from tests.servers.postgresql import PostgreSQL
from tests.store.clerk import Clerk
from zimgpt.store.invariants import violations
from zimgpt.store.migrations import (
    Migration,
    SchemaTooNew,
    SchemaTooOld,
    check,
    known,
    migrate,
)

NAMES = [migration.name for migration in known()]

_numbers = count(1)


@pytest.fixture
def bare(postgres: PostgreSQL) -> Iterator[str]:
    """The URL of an empty database."""
    name = f"bare{next(_numbers)}"
    postgres.execute(f"create database {name}")
    yield postgres.admin.replace("/postgres?", f"/{name}?")
    postgres.execute(f"drop database {name} with (force)")


def test_each_file_has_a_number_of_its_own() -> None:
    """Their names begin with it, in the order they are applied."""
    numbers = [int(name.partition("_")[0]) for name in NAMES]

    assert numbers == sorted(set(numbers))
    assert all(name[:5] == f"{n:04}_" for n, name in zip(numbers, NAMES, strict=True))


def test_from_nothing(bare: str) -> None:
    """An empty database gets every file, is fit for use and sound."""
    assert migrate(bare) == NAMES

    check(bare)
    assert violations(bare, at_rest=True) == []
    with Clerk(bare) as clerk:
        assert clerk.wallet(clerk.person(100)) == (100, 0)


def test_again(bare: str) -> None:
    """A second time there is nothing to do."""
    migrate(bare)

    assert migrate(bare) == []


def test_several_at_once(bare: str) -> None:
    """Nodes that start together wait for each other; each file is applied once."""
    with ThreadPoolExecutor(5) as threads:
        applied = list(threads.map(migrate, [bare] * 5))

    assert sorted(applied) == [[], [], [], [], NAMES]


def test_one_after_the_other(bare: str) -> None:
    """What a database has already is not applied again."""
    assert migrate(bare, known()[:2]) == NAMES[:2]
    with pytest.raises(SchemaTooOld, match="zimgpt migrate"):
        check(bare)

    assert migrate(bare) == NAMES[2:]


def test_a_file_that_fails_leaves_nothing(bare: str) -> None:
    """A file is one commit: its first statements go when a later one fails."""
    broken = Migration("0001_broken.sql", "create table x (); select nothing_at_all")
    right = Migration("0001_broken.sql", "create table x ()")

    with pytest.raises(psycopg2.errors.UndefinedColumn):
        migrate(bare, [broken])

    assert migrate(bare, [right]) == ["0001_broken.sql"]


def test_an_unprepared_database_is_too_old(bare: str) -> None:
    """A server does not start on an empty database."""
    with pytest.raises(SchemaTooOld):
        check(bare)


def test_a_newer_database_is_refused(bare: str) -> None:
    """An older program neither migrates a newer database nor works with it."""
    migrate(bare, [*known(), Migration("9999_future.sql", "create table x ()")])

    with pytest.raises(SchemaTooNew, match="newer ZimGPT"):
        check(bare)
    with pytest.raises(SchemaTooNew):
        migrate(bare)
