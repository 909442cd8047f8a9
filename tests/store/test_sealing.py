"""Operators' secrets at rest."""

from __future__ import annotations

import pytest

from tests.store.clerk import Clerk
from zimgpt.domain.one_time_codes import secret_of
from zimgpt.domain.operators import CodesUnreadable
from zimgpt.store.sealing import Sealing, new_key

SECRET = secret_of(b"s" * 20)
OLD, NEW = new_key(), new_key()


def test_what_is_sealed_opens_with_its_key() -> None:
    """And shows nothing of itself; each time it looks different."""
    sealing = Sealing.of(OLD)
    kept = sealing.sealed("tariro", SECRET)

    assert sealing.opened("tariro", kept) == SECRET
    assert SECRET not in kept
    assert sealing.sealed("tariro", SECRET) != kept
    assert OLD not in repr(sealing)


def test_keys_are_changed_one_behind_the_other() -> None:
    """The old one still opens; only what the first has sealed is current."""
    kept = Sealing.of(OLD).sealed("tariro", SECRET)
    both = Sealing.of(f"{NEW},{OLD}")

    assert both.opened("tariro", kept) == SECRET
    assert not both.current(kept)
    assert both.current(both.sealed("tariro", SECRET))
    assert Sealing.of(NEW).opened("tariro", both.sealed("tariro", SECRET)) == SECRET


@pytest.mark.parametrize("keys", [NEW, None], ids=["another", "none"])
def test_without_its_key_it_does_not_open(keys: str | None) -> None:
    """Nor does one in another's place, nor one that was touched."""
    kept = Sealing.of(OLD).sealed("tariro", SECRET)
    touched = kept[:-9] + ("A" if kept[-9] != "A" else "B") + kept[-8:]

    with pytest.raises(CodesUnreadable):
        Sealing.of(keys).opened("tariro", kept)
    for name, held in (("zodwa", kept), ("tariro", touched)):
        with pytest.raises(CodesUnreadable):
            Sealing.of(OLD).opened(name, held)


def test_what_was_kept_in_clear_goes_on_working() -> None:
    """With or without keys; but nothing new is kept so."""
    for keys in (OLD, None):
        assert Sealing.of(keys).opened("tariro", SECRET) == SECRET
        assert not Sealing.of(keys).current(SECRET)
    with pytest.raises(CodesUnreadable):
        Sealing.of(None).sealed("tariro", SECRET)


def test_longest_names_fit(database: str) -> None:
    """The table takes what is sealed, and refuses what is neither."""
    name = "a" * 32
    kept = Sealing.of(OLD).sealed(name, SECRET)
    with Clerk(database, superuser=True) as owner:
        owner.rows(
            "insert into operators (name, password_hash, totp_secret)"
            " values (%s, 'a hash', %s)",
            name,
            kept,
        )
        assert owner.value("select totp_secret from operators") == kept
