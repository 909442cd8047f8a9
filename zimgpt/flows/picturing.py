"""The figures of a day, a week or a month, for an operator's charts."""

from __future__ import annotations

import attrs

from zimgpt.domain.figures import Figures, Rows, figures
from zimgpt.domain.stretches import Span, stretch
from zimgpt.flows.ports import Now
from zimgpt.flows.ports.figures import Statistics


@attrs.frozen
class Picturing:
    """Reads a stretch piece by piece, so that no statement is a long one."""

    _statistics: Statistics
    _now: Now

    async def figures(self, span: Span, day: str) -> Figures:
        """Those of the stretch with that day (nothing: today); raises BadRequest."""
        wanted = stretch(span, day, self._now())
        rows = Rows()
        for begins, ends in wanted.parts():
            rows += await self._statistics.rows(begins, ends, wanted.step)
        overall = await self._statistics.waited(wanted.begins, wanted.ends)
        return figures(wanted, rows, overall)
