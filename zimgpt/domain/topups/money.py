"""Amounts of money: whole cents of one currency, never a fraction of one."""

from __future__ import annotations

from enum import StrEnum

import attrs


class Currency(StrEnum):
    """What is paid in, by its ISO 4217 code; both have a hundred cents."""

    USD = "USD"
    ZWG = "ZWG"


SIGNS = {Currency.USD: "US$", Currency.ZWG: "ZiG "}
"""As people write them."""


@attrs.frozen(order=False)
class Amount:
    """So many cents."""

    minor: int
    currency: Currency

    def __attrs_post_init__(self) -> None:
        if self.minor <= 0:
            raise ValueError("an amount is more than nothing")

    @property
    def plain(self) -> str:
        """With two decimals and no sign: ``2.50``."""
        return f"{self.minor // 100}.{self.minor % 100:02}"

    def __str__(self) -> str:
        """As people write it: ``US$2.50``, ``ZiG 65.00``."""
        return SIGNS[self.currency] + self.plain
