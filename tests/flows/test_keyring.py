"""Keys of programs: their secrets are told once, and open what they may."""

from __future__ import annotations

from itertools import count

import pytest

from tests.fakes.keys import MemoryKeys
from tests.fakes.results import result_of
from zimgpt.domain.accounts import UserId
from zimgpt.domain.api_keys import PREFIX, Grant, KeyId, KeyTooFast, WrongKey
from zimgpt.domain.errors import BadRequest, NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.keyring import Keyring

ME, OTHER = UserId(1), UserId(2)
GRANT = Grant(name="homework helper", budget=Tokens(500))


@pytest.fixture
def keys() -> MemoryKeys:
    """None yet."""
    return MemoryKeys()


@pytest.fixture
def ring(keys: MemoryKeys) -> Keyring:
    """The flow."""
    ids, secrets = count(1), count(1)
    return Keyring(keys, lambda: f"key {next(ids)}", lambda: next(secrets).to_bytes(32))


def test_a_secret_is_told_once_and_kept_as_a_digest(
    ring: Keyring, keys: MemoryKeys
) -> None:
    """Whoever reads what is stored cannot ask by it."""
    key, secret = result_of(ring.make(ME, GRANT))

    [(digest, kept)] = keys.live.values()
    assert secret.startswith(PREFIX)
    assert secret.encode() not in digest
    assert kept == key
    assert secret.endswith(key.hint)
    assert (key.user, key.grant) == (ME, GRANT)
    assert result_of(ring.known(secret)) == key
    assert result_of(ring.list(ME)) == (key,)


def test_each_key_has_a_secret_of_its_own(ring: Keyring) -> None:
    """One that is lost opens no other."""
    secrets = {result_of(ring.make(ME, GRANT))[1] for _ in range(3)}

    assert len(secrets) == 3


def test_a_key_is_changed_by_its_owner(ring: Keyring) -> None:
    """What it asked before stays as it was."""
    key, _ = result_of(ring.make(ME, GRANT))
    wider = Grant(name="wider", budget=None, per_minute=9)

    assert result_of(ring.change(ME, key.id, wider)).grant == wider
    for user, id_ in ((OTHER, key.id), (ME, KeyId("none"))):
        with pytest.raises(NotFound):
            result_of(ring.change(user, id_, wider))


def test_a_name_that_cannot_be_is_refused(ring: Keyring) -> None:
    """For a new key and for an old one."""
    bad = Grant(name=" ")
    key, _ = result_of(ring.make(ME, GRANT))

    for work in (ring.make(ME, bad), ring.change(ME, key.id, bad)):
        with pytest.raises(BadRequest):
            result_of(work)


def test_a_revoked_key_opens_nothing(ring: Keyring) -> None:
    """At once; and once."""
    key, secret = result_of(ring.make(ME, GRANT))
    with pytest.raises(NotFound):
        result_of(ring.revoke(OTHER, key.id))

    result_of(ring.revoke(ME, key.id))

    for work in (ring.known(secret), ring.used(secret)):
        with pytest.raises(WrongKey):
            result_of(work)
    with pytest.raises(NotFound):
        result_of(ring.revoke(ME, key.id))


def test_a_key_that_is_used_too_often_is_told_when_to_come_back(
    ring: Keyring, keys: MemoryKeys
) -> None:
    """In whole seconds, and at least one."""
    key, secret = result_of(ring.make(ME, GRANT))
    assert result_of(ring.used(secret)) == key

    for wait, told in ((0.2, 1), (7.1, 8)):
        keys.wait = wait
        with pytest.raises(KeyTooFast) as refusal:
            result_of(ring.used(secret))
        assert refusal.value.retry == told
