"""The price in force of each model."""

from __future__ import annotations

import pytest

from tests.store.clerk import Clerk
from zimgpt.domain.ledger import Price
from zimgpt.store.pool import Pool
from zimgpt.store.prices import PgPrices

SET = """
insert into prices (model, prompt_millis, completion_millis, valid_from)
values (%s, %s, %s, now() + %s::interval)
"""


async def test_the_newest_valid_price_counts(pool: Pool, clerk: Clerk) -> None:
    """Of rows as old as each other the later; none of the future, none unasked for."""
    clerk.rows(SET, "a", 1, 1, "-1 day")
    clerk.rows(SET, "a", 2, 2, "1 day")
    clerk.rows(
        "insert into prices (model, prompt_millis, completion_millis)"
        " values ('b', 3, 3), ('b', 4, 4)"
    )
    clerk.rows(SET, "c", 5, 5, "-1 day")

    prices = await PgPrices(pool).of(["a", "b", "none"])

    assert prices == {"a": Price("a", 1, 1), "b": Price("b", 4, 4)}


@pytest.mark.parametrize(("prompt", "completion"), [(-1, 1), (0, 0)])
def test_no_model_writes_for_nothing(
    clerk: Clerk, prompt: int, completion: int
) -> None:
    """Reading may be free; a price below zero, or free writing, is refused."""
    with pytest.raises(Exception, match="violates check constraint"):
        clerk.rows(SET, "a", prompt, completion, "0")
