"""What must happen again and again so that nothing stays behind."""

from __future__ import annotations

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from zimgpt.domain.errors import Unavailable
from zimgpt.flows.burying import Burying
from zimgpt.flows.following import Audience
from zimgpt.flows.ports import Figures, Upkeep
from zimgpt.flows.relaying import Relay

BATCH = 100
COUNT_EVERY = 30.0
"""Seconds for which counted jobs are good enough."""


class Sweeping:
    """Gives jobs again, closes forgotten holds, erases what was deleted, counts."""

    log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        relay: Relay,
        upkeep: Upkeep,
        audience: Audience,
        burying: Burying,
    ) -> None:
        self._clock = clock
        self._relay = relay
        self._upkeep = upkeep
        self._audience = audience
        self._burying = burying
        self._figures = Figures()
        self._count_at = clock.seconds()

    def figures(self) -> Figures:
        """The jobs as they were counted at most half a minute ago."""
        return self._figures

    async def sweep(self) -> None:
        """One round; a database that is away is left for the next."""
        try:
            again = await self._relay.sweep()
            closed = await self._upkeep.close_expired(BATCH)
            for answer in closed:
                self._audience.heal(answer)
            await self._upkeep.erase_deleted(BATCH)
            await self._upkeep.forget_confirmed()
            await self._burying.round()
            await self._count()
        except Unavailable:
            self.log.warn("sweep put off: the database is away")
            return
        if again or closed:
            self.log.info(
                "swept: {count} jobs given again, {closed} holds closed",
                count=again,
                closed=len(closed),
            )

    async def _count(self) -> None:
        if self._clock.seconds() >= self._count_at:
            self._figures = await self._upkeep.figures()
            self._count_at = self._clock.seconds() + COUNT_EVERY
