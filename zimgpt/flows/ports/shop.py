"""What is sold and for how much, and tokens on paper, as operators set them.

Rows are what the database has, by the names of columns; histories come with ``who`` and
``reason``, the latest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from zimgpt.domain.ledger import Price
from zimgpt.flows.ports.back_office import By, Row


class Catalogue(Protocol):
    """Each change is a new version; what has begun keeps the one that it began with."""

    async def prices(self) -> Row:
        """``prices`` and ``costs`` of each model now, and the history of both as
        ``price_history`` and ``cost_history``."""
        ...

    async def set_price(self, price: Price, by: By) -> None:
        """What a model's tokens cost people from now on."""
        ...

    async def set_cost(self, model: str, prompt: int, completion: int, by: By) -> Row:
        """What they cost us, in millionths of a dollar for a million."""
        ...

    async def packages(self) -> Row:
        """``packages`` as they are sold now, ``rates``, and the ``history`` of both."""
        ...

    async def set_package(self, package: str, tokens: int, cents: int, by: By) -> Row:
        """Raises SetByAnother."""
        ...

    async def withdraw(self, package: str, by: By) -> Row:
        """Raises NoPackage, SetByAnother."""
        ...

    async def set_rate(self, cents: int, sure: bool, by: By) -> Row:
        """ZiG cents for a dollar; raises LargeStep unless ``sure``."""
        ...


class Batches(Protocol):
    """Vouchers; of their codes the SHA-256 alone is kept."""

    async def list(self) -> Sequence[Row]:
        """All batches, the latest first."""
        ...

    async def make(
        self, batch: str, tokens: int, digests: Sequence[bytes], ends: timedelta, by: By
    ) -> bool:
        """False if there is one of that name."""
        ...

    async def revoke(self, batch: str, by: By) -> bool:
        """False if it was revoked before; raises NoBatch."""
        ...
