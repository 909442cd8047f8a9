"""The ledger's movements, as metrics read them."""

from __future__ import annotations

from tests.store.clerk import Clerk
from zimgpt.flows.counting import Counting
from zimgpt.store.pool import Pool
from zimgpt.store.turnover import PgTurnover

AGE = (
    "alter table transfers disable trigger transfers_append_only;"
    "update transfers set created_at = created_at - interval '2 minutes';"
    "alter table transfers enable trigger transfers_append_only"
)


async def test_what_moved_is_added_up_once(pool: Pool, owner: Clerk) -> None:
    """From the place where it began, and when nothing older can still be committed."""
    user = owner.person(1000)
    counting = Counting(PgTurnover(pool))
    await counting.round()
    asked = owner.answered(user, cost=30)
    other = owner.ask(user)

    await counting.round()
    assert not counting.transfers

    owner.rows(AGE)
    await counting.round()
    await counting.round()

    assert counting.transfers == {"reserve": 2, "settle": 1}
    assert counting.tokens == {"reserve": asked.hold + other.hold, "settle": 30}
    assert counting.set_aside.holds == 1
    assert counting.set_aside.tokens == other.hold
