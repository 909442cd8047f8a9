"""The door that jobs come in by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs
from twisted.logger import Logger

from zimgpt.wire.jobs import BadJob, decode


@attrs.frozen
class Worker:
    """Hands each job that the broker brings to a flow."""

    _run: Callable[[str], Awaitable[None]]

    log = Logger()

    async def job(self, body: bytes) -> None:
        """Returns when the job's effects are committed, or there were none to have.

        What is not a job of ours is dropped: bringing it again would not help.
        """
        try:
            message = decode(body)
        except BadJob as error:
            self.log.error("job dropped: {reason}", reason=str(error))
            return
        await self._run(message.job)
