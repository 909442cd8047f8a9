"""What the keys of programs promise, in memory and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import attrs
import pytest
from pytest_twisted import blockon
from twisted.internet.defer import Deferred

from tests.fakes.keys import MemoryKeys
from tests.store.clerk import Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.api_keys import MOST, Grant, KeyId, TooManyKeys
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.ports.api_keys import ApiKeys
from zimgpt.store.api_keys import PgApiKeys
from zimgpt.store.invariants import violations
from zimgpt.store.pool import Pool

NARROW = Grant(name="narrow", budget=Tokens(9), per_minute=5)


@attrs.frozen
class Ring:
    """Keys, and two people who may have some."""

    keys: ApiKeys
    mine: UserId
    other: UserId


@pytest.fixture(params=["memory", "postgresql"])
def ring(request: pytest.FixtureRequest) -> Iterator[Ring]:
    """No key yet."""
    if request.param == "memory":
        yield Ring(MemoryKeys(), UserId(1), UserId(2))
        return
    from twisted.internet import reactor

    url = request.getfixturevalue("database")
    pool = Pool(reactor, url, 2)
    blockon(Deferred.fromCoroutine(pool.start()))  # type: ignore[no-untyped-call]
    with Clerk(url, superuser=True) as owner:
        people = (UserId(owner.person(0)), UserId(owner.person(0)))
        yield Ring(PgApiKeys(pool), *people)
    pool.close()
    assert violations(url) == []


async def made(keys: ApiKeys, user: UserId, digest: bytes = b"d" * 32) -> KeyId:
    """A key."""
    key = KeyId(str(uuid4()))
    await keys.make(key, user, Grant(name="a program"), digest, "wxyz")
    return key


async def test_a_key_is_its_owners(ring: Ring) -> None:
    """Listed for them, changed by them alone, and found by its digest."""
    keys, mine, other = ring.keys, ring.mine, ring.other
    key = await made(keys, mine)

    assert not await keys.change(other, key, NARROW)
    assert await keys.change(mine, key, NARROW)

    [one] = await keys.list(mine)
    assert await keys.list(other) == ()
    assert await keys.find(b"d" * 32) == one
    assert (one.id, one.user, one.hint, one.grant) == (key, mine, "wxyz", NARROW)
    assert (one.taken, one.used_at) == (0, None)
    assert await keys.use(b"d" * 32) == 0
    assert await keys.alike(key, b"f" * 32) is None


async def test_a_revoked_key_opens_nothing(ring: Ring) -> None:
    """Its owner alone ends it, once."""
    keys, mine, other = ring.keys, ring.mine, ring.other
    key = await made(keys, mine)

    assert not await keys.revoke(other, key)
    assert await keys.revoke(mine, key)

    assert not await keys.revoke(mine, key)
    assert not await keys.change(mine, key, NARROW)
    assert await keys.list(mine) == ()
    assert await keys.find(b"d" * 32) is None
    assert await keys.use(b"d" * 32) is None


async def test_nobody_has_too_many(ring: Ring) -> None:
    """As many as may be, and others have theirs."""
    keys, mine, other = ring.keys, ring.mine, ring.other
    for number in range(MOST):
        await made(keys, mine, bytes([number]) * 32)

    with pytest.raises(TooManyKeys):
        await made(keys, mine)

    await made(keys, other)
