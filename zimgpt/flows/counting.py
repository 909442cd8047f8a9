"""What the ledger moved while this node lived, and what is set aside: for metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Protocol

import attrs


@attrs.frozen
class Moved:
    """Transfers after a place in the ledger, by kind, and the place they end at."""

    place: int
    transfers: Mapping[str, int] = attrs.field(factory=dict)
    tokens: Mapping[str, int] = attrs.field(factory=dict)
    """What went to or from people's balances, without a sign."""


@attrs.frozen
class SetAside:
    """Holds that are open, and how many tokens are in them."""

    holds: int = 0
    tokens: int = 0


class Turnover(Protocol):
    """The ledger, as far as figures need it."""

    async def moved(self, place: int | None) -> Moved:
        """What came after that place and is settled; None: nothing but the place."""
        ...

    async def set_aside(self) -> SetAside:
        """What is on hold just now."""
        ...


class Counting:
    """Adds up what the ledger moves, beginning with nothing when it is made.

    The ledger's whole past would be read for a sum that nobody asks for: Prometheus
    wants to know how fast a counter grows.
    """

    def __init__(self, turnover: Turnover) -> None:
        self.transfers: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()
        self.set_aside = SetAside()
        self._turnover = turnover
        self._place: int | None = None

    async def round(self) -> None:
        """Reads what is new; raises Unavailable."""
        moved = await self._turnover.moved(self._place)
        self._place = moved.place
        self.transfers.update(moved.transfers)
        self.tokens.update(moved.tokens)
        self.set_aside = await self._turnover.set_aside()
