"""What the functions that move tokens promise."""

from __future__ import annotations

import pytest
from psycopg2.errors import (
    ForeignKeyViolation,
    IntegrityConstraintViolation,
    InvalidParameterValue,
    NotNullViolation,
)

from tests.store.clerk import Clerk


def test_a_question_is_held_and_settled(clerk: Clerk) -> None:
    """The hold leaves the balance; at the end the cost is spent, the rest is back."""
    user = clerk.person(500)

    asked = clerk.ask(user, hold=100)
    assert clerk.wallet(user) == (400, 100)

    assert clerk.claim(asked.job) == 1
    assert clerk.finish(asked.answer, 1, cost=30) == 30
    assert clerk.wallet(user) == (470, 0)


@pytest.mark.parametrize(
    ("cost", "charged"), [(0, 0), (-5, 0), (100, 100), (101, 100), (None, 0)]
)
def test_a_charge_is_never_below_zero_nor_above_the_hold(
    clerk: Clerk, cost: int, charged: int
) -> None:
    """Whatever a model says it used."""
    user = clerk.person(500)
    asked = clerk.ask(user, hold=100)
    clerk.claim(asked.job)

    assert clerk.finish(asked.answer, 1, cost=cost) == charged

    assert clerk.wallet(user) == (500 - charged, 0)


@pytest.mark.parametrize("tokens", [0, -1, None])
def test_a_grant_is_at_least_one_token(clerk: Clerk, tokens: int | None) -> None:
    """Nothing, or less than nothing, cannot be granted."""
    with pytest.raises(InvalidParameterValue):
        clerk.rows("select grant_tokens('+263770000000', 'k', %s, 'r')", tokens)


def test_a_transfer_moves_something(owner: Clerk) -> None:
    """One of nothing, of unknown amounts or to no account is refused whole."""
    transfer = "select post_transfer('adjust', 'k', %s::bigint[], %s::bigint[])"

    with pytest.raises(IntegrityConstraintViolation, match="moves nothing"):
        owner.rows(transfer, [1, 2], [0, 0])
    with pytest.raises(NotNullViolation):
        owner.rows(transfer, [1, 2], [None, 1])
    with pytest.raises(NotNullViolation):
        owner.rows(transfer, [None, 1], [-1, 1])
    with pytest.raises(ForeignKeyViolation):
        owner.rows(transfer, [1, 999], [-1, 1])
