"""How a stretch is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs

from tests.fakes.results import result_of
from zimgpt.domain.figures import Moved, Rows, Waited
from zimgpt.domain.stretches import AT_ONCE, Span
from zimgpt.flows.picturing import Picturing

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@attrs.define
class Statistics:
    """One token was spent in each piece, at its beginning."""

    asked: list[tuple[datetime, datetime]] = attrs.Factory(list)

    async def rows(
        self,
        begins: datetime,
        ends: datetime,
        step: timedelta,  # noqa: ARG002
    ) -> Rows:
        """It."""
        self.asked.append((begins, ends))
        return Rows(moved=[Moved(at=begins, account="spent", tokens=1)])

    async def waited(
        self,
        begins: datetime,  # noqa: ARG002
        ends: datetime,  # noqa: ARG002
    ) -> Waited | None:
        """Nobody did."""
        return None


def test_a_month_is_read_a_week_at_a_time() -> None:
    """And put together: nothing is left out, nothing counted twice."""
    statistics = Statistics()
    told = result_of(Picturing(statistics, lambda: NOW).figures(Span.MONTH, ""))

    assert sum(told.spent) == len(statistics.asked) == 5
    assert statistics.asked[0][0] == told.stretch.begins
    assert statistics.asked[-1][1] == told.stretch.ends
    assert all(ends - begins <= AT_ONCE for begins, ends in statistics.asked)


def test_a_day_is_read_at_once() -> None:
    """By its hours."""
    statistics = Statistics()
    told = result_of(Picturing(statistics, lambda: NOW).figures(Span.DAY, "2026-11-24"))

    assert len(statistics.asked) == 1
    assert len(told.spent) == 24
