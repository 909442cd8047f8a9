"""Vouchers in memory."""

from __future__ import annotations

from typing import Final

import attrs

from zimgpt.domain import vouchers
from zimgpt.domain.accounts import UserId, Wallet
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.redeeming import Outcome

CODE: Final = "ZV-0123-4567-89AB-CDEF"


@attrs.define
class MemoryVouchers:
    """``redeeming.Vouchers``: there is one."""

    had: UserId | None = None

    async def redeem(
        self,
        user: UserId,
        address: str | None,  # noqa: ARG002 - nobody is counted
        digest: bytes,
        limits: tuple[int, int],  # noqa: ARG002
    ) -> tuple[Outcome, Tokens]:
        """Once."""
        if digest != vouchers.digest(vouchers.read(CODE)):
            return Outcome.UNKNOWN, Tokens(0)
        if self.had is not None:
            mine = self.had == user
            return Outcome.REPEAT if mine else Outcome.USED, Tokens(10_000)
        self.had = user
        return Outcome.REDEEMED, Tokens(10_000)


@attrs.frozen
class Purse:
    """``ports.Wallets``: everybody has as much."""

    async def wallet(self, user: UserId) -> Wallet:  # noqa: ARG002 - it is everybody's
        """So much."""
        return Wallet(Tokens(15_000), Tokens(0))
