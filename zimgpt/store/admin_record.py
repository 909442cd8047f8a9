"""``flows.ports.back_office.Record``: what operators did, whichever way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from zimgpt.flows.ports.back_office import Row
from zimgpt.store.deskwork import Deskwork
from zimgpt.store.operator_payments import rows

ACTS: Final = """
    select id, at, who, act, subject, reason from operator_acts
     where %(before)s is null or id < %(before)s order by id desc limit %(limit)s
"""


@attrs.frozen
class DeskRecord:
    """Reads alone: nobody changes what was done."""

    _desk: Deskwork

    async def acts(self, before: int | None, limit: int) -> Sequence[Row]:
        """A page of it."""
        return await self._desk.do(lambda c: rows(c, ACTS, before=before, limit=limit))
