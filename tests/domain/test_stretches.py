"""Days, weeks and months as charts show them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from zimgpt.domain.errors import BadRequest
from zimgpt.domain.stretches import AT_ONCE, Span, Stretch, stretch, stretch_of

NOW = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)  # the 26th has begun there


def test_nothing_is_today() -> None:
    """By the calendar in Zimbabwe, where the day is two hours ahead."""
    assert stretch(Span.DAY, "", NOW) == Stretch(Span.DAY, date(2026, 11, 26))
    assert stretch(Span.WEEK, "", NOW) == Stretch(Span.WEEK, date(2026, 11, 23))
    assert stretch(Span.MONTH, "", NOW) == Stretch(Span.MONTH, date(2026, 11, 1))


def test_steps() -> None:
    """A day has 24 hours, a week seven days, a month as many as it has."""
    day, week, month = (
        stretch(span, "2028-02-29", NOW + timedelta(days=999)) for span in Span
    )

    assert [len(one.moments) for one in (day, week, month)] == [24, 7, 29]
    assert day.moments[0] == datetime(2028, 2, 28, 22, tzinfo=UTC)
    assert week.first.weekday() == 0
    assert month.ends == datetime(2028, 2, 29, 22, tzinfo=UTC)


@pytest.mark.parametrize("span", Span)
def test_each_begins_where_the_one_before_it_ended(span: Span) -> None:
    """Forwards and back, over a whole year."""
    one = stretch_of(span, date(2027, 1, 1))
    for _ in range(400):
        after = Stretch(span, one.next)
        assert after.begins == one.ends
        assert after.previous == one.first
        one = after


def test_parts_are_all_of_it() -> None:
    """Each begins where the last one ended, at a step, and none is long."""
    month = stretch_of(Span.MONTH, date(2026, 10, 9))
    parts = list(month.parts())

    assert [begins for begins, _ in parts[1:]] == [ends for _, ends in parts[:-1]]
    assert (parts[0][0], parts[-1][1]) == (month.begins, month.ends)
    assert all(ends - begins <= AT_ONCE for begins, ends in parts)
    assert {begins for begins, _ in parts} <= set(month.moments)


@pytest.mark.parametrize(
    "written", ["yesterday", "2026-11-31", "1999-01-01", "9999-12-31"]
)
def test_what_is_no_day(written: str) -> None:
    """Is refused with an example of one."""
    with pytest.raises(BadRequest, match="2026-11-25"):
        stretch(Span.DAY, written, NOW)


def test_days_to_come() -> None:
    """Have nothing to show yet."""
    with pytest.raises(BadRequest, match="not begun"):
        stretch(Span.MONTH, "2026-11-27", NOW)
