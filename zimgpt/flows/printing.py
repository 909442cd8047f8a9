"""Makes vouchers: their codes are told once, when what is kept of them was kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import attrs

from zimgpt.domain import vouchers
from zimgpt.domain.vouchers import BatchExists
from zimgpt.flows.ports.back_office import By
from zimgpt.flows.ports.shop import Batches


@attrs.frozen
class Printing:
    """``new_secret`` returns 32 random bytes."""

    _batches: Batches
    _new_secret: Callable[[], bytes]

    async def make(
        self, batch: str, count: int, tokens: int, ends: timedelta, by: By
    ) -> list[str]:
        """The codes; raises BatchExists."""
        codes = [vouchers.made(self._new_secret()) for _ in range(count)]
        digests = [vouchers.digest(vouchers.read(code)) for code in codes]
        if not await self._batches.make(batch, tokens, digests, ends, by):
            raise BatchExists
        return codes
