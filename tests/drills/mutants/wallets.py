"""Functions of money that lock too little, or in another order than the others."""

from __future__ import annotations

POST_TRANSFER = "select pg_get_functiondef('post_transfer'::regproc)"
SETTLE = "select pg_get_functiondef('settle'::regproc)"

ORDERED = "order by id for update"
HELD = "from reservations where answer_id = p_answer for update;"


def altered(source: str, old: str, new: str) -> str:
    """A function's source with one thing changed."""
    assert source.count(old) == 1, f"not once in the function: {old}"
    return source.replace(old, new)


def backwards(source: str) -> str:
    """``post_transfer`` that locks accounts from the last to the first."""
    return altered(source, ORDERED, "order by id desc for update")


def unlocked(source: str) -> str:
    """``settle`` that looks at the hold without locking it."""
    return altered(source, HELD, HELD.replace(" for update", ""))
