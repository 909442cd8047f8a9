"""Names and passwords of operators."""

from __future__ import annotations

import pytest

from zimgpt.domain.operators import (
    WeakOperatorPassword,
    WrongName,
    check_name,
    check_password,
)


@pytest.mark.parametrize("name", ["tariro", "t.moyo", "ops-2", "a" * 32])
def test_names(name: str) -> None:
    """Small letters first, then digits and three signs."""
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "Tariro", "2ops", "a b", "a" * 33, "ñandu"])
def test_what_is_no_name(name: str) -> None:
    """Nothing that looks like another name, or that a shell would take apart."""
    with pytest.raises(WrongName):
        check_name(name)


def test_a_long_password_will_do() -> None:
    """Words with spaces, too."""
    check_password("four words of nobody")


@pytest.mark.parametrize(
    "password", ["eleven char", "ababababababab", "Password1234!!", "x" * 129]
)
def test_what_guessers_try_first_will_not(password: str) -> None:
    """Short ones, few letters, what many people use, and what is too long to hash."""
    with pytest.raises(WeakOperatorPassword):
        check_password(password)
