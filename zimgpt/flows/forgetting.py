"""Forgetting what nobody needs any more; the ledger is kept for ever."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import attrs
from twisted.logger import Logger

from zimgpt.flows.ports import Retention

EVERY: Final = timedelta(minutes=10)
FILES_KEPT: Final = timedelta(days=1)
"""How long is known what a voice note or picture said, in case it is heard again. The
question that it became is kept with its conversation."""
TRIES_KEPT: Final = timedelta(days=1)
"""How long wrong codes of vouchers are known; they count for an hour."""
UNREAD: Final = timedelta(hours=1)
"""After which nobody is reading any more what was paid for."""
BATCH: Final = 100
"""In one commit, so that nobody waits long for a lock."""
BATCHES: Final = 100
"""In one round; what is left waits for the next."""


@attrs.frozen
class Forgetting:
    """``chunks_kept`` is counted from an answer's end, ``inbox_kept`` from arrival."""

    log = Logger()

    _retention: Retention
    _chunks_kept: timedelta
    _inbox_kept: timedelta

    async def round(self) -> None:
        """One round, if no other node has had one lately; raises Unavailable."""
        if not await self._retention.turn(EVERY):
            return
        if folded := await _again(self._fold):
            self.log.info("forgot the pieces of {count} answers", count=folded)
        if blanked := await _again(self._blank):
            self.log.info("forgot the bodies of {count} arrivals", count=blanked)
        if unread := await _again(self._refund):
            self.log.warn("gave back {count} readings of files", count=unread)
        await _again(self._forget)
        await _again(self._tries)

    async def _fold(self) -> int:
        folded = await self._retention.fold_answers(self._chunks_kept, BATCH)
        for answer in folded.differing:
            self.log.error("answer {answer} is not what its pieces say", answer=answer)
        return folded.count

    async def _blank(self) -> int:
        return await self._retention.blank_arrivals(self._inbox_kept, BATCH)

    async def _refund(self) -> int:
        return await self._retention.refund_unread(UNREAD, BATCH)

    async def _tries(self) -> int:
        return await self._retention.forget_tries(TRIES_KEPT, BATCH)

    async def _forget(self) -> int:
        return await self._retention.forget_files(FILES_KEPT, BATCH)


async def _again(batch: Callable[[], Awaitable[int]]) -> int:
    """Batches until one is not full."""
    total = 0
    for _ in range(BATCHES):
        count = await batch()
        total += count
        if count < BATCH:
            break
    return total
