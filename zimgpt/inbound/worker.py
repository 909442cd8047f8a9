"""The door that jobs come in by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs
from twisted.logger import Logger

from zimgpt.flows.ports import Outcome
from zimgpt.wire.jobs import BadJob, decode


@attrs.frozen
class Worker:
    """Hands each job that the broker brings to a flow."""

    _run: Callable[[str], Awaitable[bool]]
    """Does a job; false if there was nothing to do, or its attempt broke."""
    _is_dead: Callable[[str], Awaitable[bool]]

    log = Logger()

    async def job(self, body: bytes) -> Outcome:
        """Returns when the job's effects are committed, or there were none to have.

        What is not a job of ours is dropped: bringing it again would not help, and an
        operator could do nothing with it.
        """
        try:
            message = decode(body)
        except BadJob as error:
            self.log.error("job dropped: {reason}", reason=str(error))
            return Outcome.DONE
        if await self._run(message.job):
            return Outcome.DONE
        dead = await self._is_dead(message.job)
        return Outcome.DEAD if dead else Outcome.DONE
