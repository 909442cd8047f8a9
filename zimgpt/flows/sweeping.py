"""What must happen again and again so that nothing stays behind."""

from __future__ import annotations

import attrs
from twisted.logger import Logger

from zimgpt.domain.errors import Unavailable
from zimgpt.flows.following import Audience
from zimgpt.flows.ports import Upkeep
from zimgpt.flows.relaying import Relay

BATCH = 100


@attrs.frozen
class Sweeping:
    """Gives jobs again, closes forgotten holds, erases what was deleted."""

    _relay: Relay
    _upkeep: Upkeep
    _audience: Audience

    log = Logger()

    async def sweep(self) -> None:
        """One round; a database that is away is left for the next."""
        try:
            again = await self._relay.sweep()
            closed = await self._upkeep.close_expired(BATCH)
            await self._upkeep.erase_deleted(BATCH)
            await self._upkeep.forget_confirmed()
        except Unavailable:
            self.log.warn("sweep put off: the database is away")
            return
        for answer in closed:
            self._audience.heal(answer)
        if again or closed:
            self.log.info(
                "swept: {count} jobs given again, {closed} holds closed",
                count=again,
                closed=len(closed),
            )
