"""The price in force of each model."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from zimgpt.domain.ledger import Price
from zimgpt.store.pool import Pool
from zimgpt.store.questions import PRICES


@attrs.frozen
class PgPrices:
    """Prices as PostgreSQL has them; the newest row of a model is in force."""

    _pool: Pool

    async def of(self, models: Sequence[str]) -> dict[str, Price]:
        """By model; one without a price is missing."""
        rows = await self._pool.query(PRICES, {"models": list(models)})
        return {model: Price(model, *millis) for model, *millis in rows}
