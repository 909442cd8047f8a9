"""What operators say to everybody in the web app."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from zimgpt.store.pool import Pool

Row: TypeAlias = tuple[str, Mapping[str, str], datetime]
"""An id, words by language, and until when."""

# Kept as messages, of which the body is what is read.
SHOWN = """
    select id, (select jsonb_object_agg(key, value ->> 'body') from jsonb_each(texts)),
           until
      from broadcasts where web and until > now() order by made_at desc limit 5
"""


@attrs.frozen
class PgNotices:
    """Broadcasts that are shown now."""

    _pool: Pool

    async def shown(self) -> tuple[Row, ...]:
        """The latest first, five at most."""
        rows = await self._pool.query(SHOWN)
        return tuple((id, texts, until) for id, texts, until in rows)
