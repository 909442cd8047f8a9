"""``flows.ports.shop`` by the functions of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.ledger import Price
from zimgpt.flows.ports.back_office import By, Row
from zimgpt.store import (
    operator,
    operator_catalogue,
    operator_costs,
    operator_history,
    operator_vouchers,
)
from zimgpt.store.deskwork import Deskwork

HISTORY = 50
"""Versions that are shown."""


@attrs.frozen
class DeskCatalogue:
    """Each call is a transaction of its own."""

    _desk: Deskwork

    async def prices(self) -> Row:
        """All in one transaction."""

        def work(connection: Connection) -> Row:
            valid = operator.list_prices(connection)
            return {
                "prices": [
                    attrs.asdict(row.price) | {"valid_from": row.valid_from}
                    for row in valid
                ],
                "costs": operator_costs.costs(connection),
                "price_history": operator_history.prices(connection, HISTORY),
                "cost_history": operator_history.costs(connection, HISTORY),
            }

        return await self._desk.do(work)

    async def set_price(self, price: Price, by: By) -> None:
        """As ``zimgpt prices set`` does."""
        await self._desk.do(
            lambda c: operator.set_price(c, price, who=by.who, reason=by.reason)
        )

    async def set_cost(self, model: str, prompt: int, completion: int, by: By) -> Row:
        """As ``zimgpt prices cost`` does."""
        return await self._desk.do(
            lambda c: operator_costs.set_cost(
                c, model, prompt, completion, who=by.who, reason=by.reason
            )
        )

    async def packages(self) -> Row:
        """All in one transaction."""

        def work(connection: Connection) -> Row:
            return {
                "packages": operator_catalogue.packages(connection),
                "rates": operator_history.rates(connection, HISTORY),
                "history": operator_history.packages(connection, HISTORY),
            }

        return await self._desk.do(work)

    async def set_package(self, package: str, tokens: int, cents: int, by: By) -> Row:
        """As ``zimgpt packages set`` does."""
        return await self._desk.do(
            lambda c: operator_catalogue.set_package(
                c, package, tokens, cents, who=by.who, reason=by.reason
            )
        )

    async def withdraw(self, package: str, by: By) -> Row:
        """As ``zimgpt packages withdraw`` does."""
        return await self._desk.do(
            lambda c: operator_catalogue.withdraw(
                c, package, who=by.who, reason=by.reason
            )
        )

    async def set_rate(self, cents: int, sure: bool, by: By) -> Row:
        """As ``zimgpt rates set`` does."""
        return await self._desk.do(
            lambda c: operator_catalogue.set_rate(
                c, cents, sure=sure, who=by.who, reason=by.reason
            )
        )


@attrs.frozen
class DeskBatches:
    """Each call is a transaction of its own."""

    _desk: Deskwork

    async def list(self) -> Sequence[Row]:
        """As ``zimgpt vouchers list`` does."""
        return await self._desk.do(operator_vouchers.batches)

    async def make(
        self, batch: str, tokens: int, digests: Sequence[bytes], ends: timedelta, by: By
    ) -> bool:
        """As ``zimgpt vouchers make`` does."""
        return await self._desk.do(
            lambda c: operator_vouchers.make(
                c, batch, tokens, digests, ends, who=by.who, reason=by.reason
            )
        )

    async def revoke(self, batch: str, by: By) -> bool:
        """As ``zimgpt vouchers revoke`` does."""
        return await self._desk.do(
            lambda c: operator_vouchers.revoke(c, batch, who=by.who, reason=by.reason)
        )
