"""What happened to a wallet in a month."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.papers.files import File
from zimgpt.domain.statements import Statement, month, stated
from zimgpt.domain.texts import Language
from zimgpt.flows.ports import Now
from zimgpt.flows.ports.documents import Ledger, Press
from zimgpt.wire.papers.orders import Stating as Order

MOST: Final = 5_000
"""Movements that are told one by one."""


@attrs.frozen
class Stating:
    """Reads the ledger, and has it made into files."""

    _ledger: Ledger
    _press: Press
    _now: Now

    async def month(self, user: UserId, written: str) -> Statement:
        """The month that is ``written`` as 2026-11, or this one; raises BadRequest."""
        asked = month(written, self._now())
        opening, moved = await self._ledger.month(user, asked, MOST)
        return stated(asked, opening, moved)

    async def file(
        self,
        user: UserId,
        written: str,
        kind: Literal["csv", "pdf"],
        language: Language,
    ) -> File:
        """The same as a file; raises DocumentsBusy or DocumentFailed, too."""
        told = await self.month(user, written)
        content = await self._press.made(Order(told, kind, language))
        return File(f"ZimGPT {told.month}.{kind}", content)
