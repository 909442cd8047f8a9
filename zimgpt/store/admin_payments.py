"""``flows.ports.back_office.PaymentDesk`` by the functions of the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.phones import masked
from zimgpt.domain.topups.states import stage
from zimgpt.flows.ports.back_office import By, Decided, Row, Wanted
from zimgpt.store import operator_corrections, operator_decisions, operator_payments
from zimgpt.store.deskwork import Deskwork

T = TypeVar("T")


@attrs.frozen
class DeskPayments:
    """Each call is a transaction of its own."""

    _desk: Deskwork

    async def listed(self, wanted: Wanted, limit: int) -> Sequence[Row]:
        """Of wallets' numbers the last digits."""
        asked = attrs.asdict(wanted)
        rows = await self._desk.do(
            lambda c: operator_payments.listed(c, **asked, limit=limit)
        )
        return [_masked(row) for row in rows]

    async def queue(self) -> Sequence[Row]:
        """Of wallets' numbers the last digits."""
        return [_masked(row) for row in await self._desk.do(operator_payments.queue)]

    async def shown(self, payment: str) -> Row:
        """As ``zimgpt payments show`` does."""
        story = await self._one(payment, operator_payments.shown)
        return attrs.asdict(story)

    async def check(self, payment: str, by: By) -> None:
        """As ``zimgpt payments check`` does."""
        await self._one(
            payment,
            lambda c, id: operator_payments.check(c, id, who=by.who, reason=by.reason),
        )

    async def decide(self, payment: str, decision: Decided, by: By) -> str:
        """As ``zimgpt payments approve``, ``reinstate`` and ``dismiss`` do."""
        settled = await self._one(
            payment,
            lambda c, id: operator_decisions.decide(
                c, id, decision, who=by.who, reason=by.reason
            ),
        )
        return str(stage(settled.topup).value)

    async def correct(self, payment: str, tokens: int, key: str, by: By) -> Row:
        """As ``zimgpt payments credit`` and ``refund`` do."""
        corrected = await self._one(
            payment,
            lambda c, id: operator_corrections.correct(
                c, id, tokens, key=key, who=by.who, reason=by.reason
            ),
        )
        return attrs.asdict(corrected)

    async def _one(self, payment: str, work: Callable[[Connection, str], T]) -> T:
        return await self._desk.do(
            lambda c: work(c, operator_payments.found(c, payment))
        )


def _masked(row: Row) -> Row:
    phone = row["phone_e164"]
    return {**row, "phone_e164": None if phone is None else masked(phone)}
