"""Vouchers, turned into tokens: once each, and not by guessing."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

import attrs

from zimgpt.domain import vouchers
from zimgpt.domain.accounts import UserId, Wallet
from zimgpt.domain.errors import Refusal
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.ports import Wallets

MOST: Final = 10
"""Codes that are not good, which a person may try within an hour."""
MOST_THERE: Final = 100
"""The same of an address, which thousands may share."""
HOUR: Final = 3600


class Outcome(StrEnum):
    """What became of a code."""

    REDEEMED = "redeemed"
    REPEAT = "repeat"
    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"
    TOO_MANY = "too_many"


REFUSALS: Final[dict[Outcome, type[Refusal]]] = {
    Outcome.UNKNOWN: vouchers.VoucherUnknown,
    Outcome.USED: vouchers.VoucherUsed,
    Outcome.EXPIRED: vouchers.VoucherExpired,
    Outcome.REVOKED: vouchers.VoucherRevoked,
}


class Vouchers(Protocol):
    """Vouchers as they are kept: by their digests."""

    async def redeem(
        self, user: UserId, address: str | None, digest: bytes, limits: tuple[int, int]
    ) -> tuple[Outcome, Tokens]:
        """Puts its tokens into the wallet, once, in one commit; raises Unavailable."""
        ...


@attrs.frozen
class Redeemed:
    """What a voucher gave, and the balances after it; ``repeat``: it had been given."""

    tokens: Tokens
    wallet: Wallet
    repeat: bool


@attrs.frozen
class Redeeming:
    """What the doors ask for. ``changed`` hears of balances that are others now."""

    vouchers: Vouchers
    wallets: Wallets
    changed: Callable[[UserId, Wallet], None]

    async def redeem(self, user: UserId, address: str | None, code: str) -> Redeemed:
        """Repeats are harmless. Raises one of the refusals of ``domain.vouchers``."""
        digest = vouchers.digest(vouchers.read(code))
        limits = (MOST, MOST_THERE)
        outcome, tokens = await self.vouchers.redeem(user, address, digest, limits)
        if outcome is Outcome.TOO_MANY:
            raise vouchers.TooManyVouchers(retry=HOUR)
        if outcome in REFUSALS:
            raise REFUSALS[outcome]
        wallet = await self.wallets.wallet(user)
        self.changed(user, wallet)
        return Redeemed(tokens, wallet, outcome is Outcome.REPEAT)
