"""Stores side by side, for whoever holds them to one contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_twisted import blockon
from twisted.internet.defer import Deferred

from tests.contracts.stores import Desk, InMemory, InPostgreSQL
from tests.store.clerk import Clerk
from zimgpt.store.invariants import violations
from zimgpt.store.pool import Pool


@pytest.fixture(params=["memory", "postgresql"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """Somebody with 1,000 tokens."""
    if request.param == "memory":
        place = InMemory()
        yield Desk(place, place.person(1_000))
        return
    from twisted.internet import reactor

    url = request.getfixturevalue("database")
    pool = Pool(reactor, url, 2)
    blockon(Deferred.fromCoroutine(pool.start()))  # type: ignore[no-untyped-call]
    with Clerk(url, superuser=True) as owner:
        stored = InPostgreSQL(pool, owner)
        yield Desk(stored, stored.person(1_000))
    pool.close()
    assert violations(url) == []
