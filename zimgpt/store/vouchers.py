"""Vouchers as rows: a batch is made whole, each code is kept as its SHA-256 alone."""

from __future__ import annotations

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.redeeming import Outcome
from zimgpt.store.pool import Pool

REDEEM = """
select outcome, tokens
  from redeem_voucher(%(user)s, %(address)s, %(digest)s, %(most)s, %(there)s)
"""


@attrs.frozen
class PgVouchers:
    """``redeeming.Vouchers`` on PostgreSQL."""

    _pool: Pool

    async def redeem(
        self, user: UserId, address: str | None, digest: bytes, limits: tuple[int, int]
    ) -> tuple[Outcome, Tokens]:
        """Once for the voucher, under its row's lock."""
        most, there = limits
        params = {
            "user": user,
            "address": address,
            "digest": digest,
            "most": most,
            "there": there,
        }
        [(outcome, tokens)] = await self._pool.query(REDEEM, params)
        return Outcome(outcome), Tokens(tokens or 0)
