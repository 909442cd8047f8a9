"""Whose account a gift is for."""

from __future__ import annotations

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups.refusals import BeneficiaryUnknown
from zimgpt.store.pool import Pool

KNOWN = "select id from users where phone_e164 = %(phone)s"
OPEN = "select account_for_gift(%(phone)s, %(welcome)s)"


@attrs.frozen
class PgRecipients:
    """Accounts by number. ``welcome`` is what a new account begins with; None: none is
    opened, because its holder would have no way to it."""

    _pool: Pool
    _welcome: Tokens | None = None

    async def recipient(self, phone: Phone) -> UserId:
        """The number's account; raises BeneficiaryUnknown."""
        if self._welcome is None:
            rows = await self._pool.query(KNOWN, {"phone": phone})
        else:
            params = {"phone": phone, "welcome": self._welcome}
            rows = await self._pool.query(OPEN, params)
        if not rows:
            raise BeneficiaryUnknown
        return UserId(rows[0][0])
