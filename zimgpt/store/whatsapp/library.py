"""What was written, for documents."""

from __future__ import annotations

import attrs

from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import NotFound
from zimgpt.flows.exporting import Written
from zimgpt.store.pool import Pool


@attrs.frozen
class PgLibrary:
    """Ended answers in PostgreSQL."""

    _pool: Pool

    async def written(self, answer: AnswerId) -> Written:
        """A question and its answer's text."""
        rows = await self._pool.query(
            "select q.text, a.text"
            "  from answers a join questions q on q.answer_id = a.id"
            " where a.id = %s and a.text is not null",
            (answer,),
        )
        if not rows:
            raise NotFound("There is no such answer.")
        return Written(*rows[0])
