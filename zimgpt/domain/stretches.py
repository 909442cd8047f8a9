"""A day by its hours, a week or a month by its days, as the calendar in Zimbabwe has
them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

import attrs

from zimgpt.domain.errors import BadRequest
from zimgpt.domain.statements import HARARE

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
AT_ONCE: Final = timedelta(days=7)
"""How much of it the database is asked for in one statement."""


class Span(StrEnum):
    """How long a stretch is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@attrs.frozen
class Stretch:
    """From one moment to before another, in equal steps; no clock is ever put forward
    in Zimbabwe, so each of its days has 24 hours."""

    span: Span
    first: date

    @property
    def begins(self) -> datetime:
        """Its first moment, in UTC."""
        return datetime.combine(self.first, time(), HARARE).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return Stretch(self.span, self.next).begins

    @property
    def next(self) -> date:
        """The day on which the one after it begins."""
        if self.span is Span.MONTH:
            return (self.first + timedelta(days=31)).replace(day=1)
        return self.first + (DAY if self.span is Span.DAY else 7 * DAY)

    @property
    def previous(self) -> date:
        """The day on which the one before it begins."""
        return stretch_of(self.span, self.first - DAY).first

    @property
    def step(self) -> timedelta:
        """What one point of a chart stands for."""
        return HOUR if self.span is Span.DAY else DAY

    @property
    def moments(self) -> tuple[datetime, ...]:
        """Where each step begins."""
        steps = (self.ends - self.begins) // self.step
        return tuple(self.begins + n * self.step for n in range(steps))

    def parts(self) -> Iterator[tuple[datetime, datetime]]:
        """The whole of it in pieces that are read at once."""
        begins = self.begins
        while begins < self.ends:
            ends = min(begins + AT_ONCE, self.ends)
            yield begins, ends
            begins = ends


def stretch_of(span: Span, day: date) -> Stretch:
    """The day, the week from Monday on, or the month that a day is in."""
    if span is Span.WEEK:
        return Stretch(span, day - timedelta(days=day.weekday()))
    return Stretch(span, day.replace(day=1) if span is Span.MONTH else day)


def stretch(span: Span, written: str, now: datetime) -> Stretch:
    """The stretch with the day that is written as ``2026-11-25``; nothing is today.

    Raises BadRequest for what is no day, and for one that has not begun.
    """
    today = now.astimezone(HARARE).date()
    try:
        day = date.fromisoformat(written) if written else today
    except ValueError:
        raise BadRequest("Please write the day as 2026-11-25.") from None
    if not 2020 <= day.year < 2100:
        raise BadRequest("Please write the day as 2026-11-25.")
    if day > today:
        raise BadRequest("This day has not begun yet.")
    return stretch_of(span, day)
