"""A month of a wallet."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from zimgpt.domain.errors import BadRequest
from zimgpt.domain.statements import Month, Movement, MovementKind, month, stated

NOW = datetime(2026, 11, 30, 21, 59, tzinfo=UTC)


def test_months_begin_at_midnight_in_zimbabwe() -> None:
    """Two hours before they do in UTC, and each where the last one ended."""
    december = Month(2026, 12)

    assert december.begins == datetime(2026, 11, 30, 22, tzinfo=UTC)
    assert december.ends == Month(2027, 1).begins
    assert [Month(2026, n).ends for n in range(1, 12)] == [
        Month(2026, n).begins for n in range(2, 13)
    ]


def test_the_month_that_it_is() -> None:
    """By the calendar there, to the minute."""
    assert month("", NOW) == Month(2026, 11)
    assert month("", datetime(2026, 11, 30, 22, tzinfo=UTC)) == Month(2026, 12)


@pytest.mark.parametrize("text", ["2026", "2026-00", "2026-13", "26-11", "2026-11-01"])
def test_what_is_no_month(text: str) -> None:
    """Is refused with an example of one."""
    with pytest.raises(BadRequest, match="2026-11"):
        month(text, NOW)


def test_months_to_come() -> None:
    """Have nothing to tell yet."""
    with pytest.raises(BadRequest, match="not begun"):
        month("2026-12", NOW)


def test_sums() -> None:
    """Each movement leaves a balance, and the kinds are summed."""
    moved = [
        Movement(at=NOW, kind=MovementKind.CHAT, tokens=-5),
        Movement(at=NOW, kind=MovementKind.PURCHASE, tokens=100),
        Movement(at=NOW, kind=MovementKind.CHAT, tokens=-7, count=3),
    ]

    told = stated(Month(2026, 11), 20, moved)

    assert [one.balance for one in told.movements] == [15, 115, 108]
    assert told.closing == 108
    assert [(one.kind, one.count, one.tokens) for one in told.totals] == [
        ("purchase", 1, 100),
        ("chat", 4, -12),
    ]
