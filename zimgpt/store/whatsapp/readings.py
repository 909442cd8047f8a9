"""What files said, and what reading them cost."""

from __future__ import annotations

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.ports.files import Sense
from zimgpt.store.pool import Pool


@attrs.frozen
class PgReadings:
    """``ports.files.Readings`` on PostgreSQL."""

    _pool: Pool

    async def kept(self, key: str) -> str | None:
        """What was read before, unless it is forgotten."""
        rows = await self._pool.query(
            "select text from readings where key = %s", (key,)
        )
        return rows[0][0] or None if rows else None

    async def charge(
        self, user: UserId, key: str, sense: Sense, tokens: Tokens
    ) -> bool:
        """Serialised with all else that the wallet pays."""
        [(paid,)] = await self._pool.query(
            "select charge_reading(%s, %s, %s, %s)", (user, key, str(sense), tokens)
        )
        return bool(paid)

    async def keep(self, key: str, text: str) -> str | None:
        """The words that count."""
        [(kept,)] = await self._pool.query("select keep_reading(%s, %s)", (key, text))
        return None if kept is None else str(kept)

    async def give_back(self, key: str) -> None:
        """Once."""
        await self._pool.query("select refund_reading(%s)", (key,))
