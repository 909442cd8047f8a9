"""Which passwords are refused, and when an account refuses to look at any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.accounts import (
    LONGEST_LOCK,
    WeakPassword,
    check_password,
    lock_after,
)
from zimgpt.domain.phones import Phone

PHONE = Phone("+263771234567")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short7!",
        "x" * 129,
        "aaaaaaaa",
        "abababab",
        "12345678",
        "01234567890",
        "87654321",
        "0771234567",
        "+263 771 234 567",
        "771234567",
        "zimgpt123",
        "ZimGPT2026!",
        "ecocash1",
        "EcoCash!!",
        "password",
        "Password123",
    ],
)
def test_passwords_that_guessers_try_first_are_refused(password: str) -> None:
    """Short, long, monotonous, one's own number or an obvious word with a year."""
    with pytest.raises(WeakPassword, match="8 to 128 characters"):
        check_password(password, PHONE)


@pytest.mark.parametrize(
    "password",
    [
        "mukanda wangu",
        "sadza ne nyama",
        "Tr0ub4dor",
        "password of the river",
        "0772234567",  # somebody else's number is not their own
        "éèêëàâä9",
        "x" * 100 + "abc123",
    ],
)
def test_other_passwords_are_taken(password: str) -> None:
    """No rules of composition: any language, spaces and long phrases are welcome."""
    check_password(password, PHONE)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 900), (1000, 900)],
)
def test_wrong_passwords_lock_for_longer_each_time(failures: int, seconds: int) -> None:
    """A second after five, doubling, and never more than a quarter of an hour."""
    assert lock_after(failures, NOW) == NOW + timedelta(seconds=seconds)


@given(st.integers(min_value=0, max_value=4))
def test_the_first_tries_are_free(failures: int) -> None:
    """A person who mistypes is not made to wait."""
    assert lock_after(failures, NOW) is None


def test_guessing_for_an_hour_gives_few_guesses() -> None:
    """At most thirty passwords of one account are looked at in an hour."""
    now, failures = NOW, 0
    while now < NOW + timedelta(hours=1):
        failures += 1
        now = lock_after(failures, now) or now

    assert failures <= 30
    assert lock_after(failures, now) == now + LONGEST_LOCK
