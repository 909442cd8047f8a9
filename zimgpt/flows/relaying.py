"""Jobs on their way to the broker: given at once, and again until it has them."""

from __future__ import annotations

from datetime import timedelta

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from zimgpt.domain.errors import Unavailable
from zimgpt.flows.ports import Broker, NotPublished, Outbox, Ticket
from zimgpt.wire.jobs import JobMessage, encode

CONFIRM_EVERY = 0.2
"""Seconds for which confirmations are gathered into one statement."""

PATIENCE = timedelta(seconds=30)
"""How long a confirmed job may stay unclaimed before it is given again."""

BATCH = 500


class Relay:
    """Publishes tickets and notes which of them the broker has for certain."""

    log = Logger()

    def __init__(self, reactor: IReactorTime, broker: Broker, outbox: Outbox) -> None:
        self._reactor = reactor
        self._broker = broker
        self._outbox = outbox
        self._confirmed: list[int] = []
        self._timer: IDelayedCall | None = None
        self._closed = False

    def publish(self, ticket: Ticket) -> None:
        """Gives one job without making anybody wait; what fails is swept up later."""
        Deferred.fromCoroutine(self._give(ticket)).addErrback(
            lambda failure: self.log.failure("publishing broke", failure)
        )

    async def sweep(self, patience: timedelta = PATIENCE) -> int:
        """Gives again what the broker may have lost; returns how many."""
        due = await self._outbox.due(patience, BATCH)
        for ticket in due:
            self.publish(ticket)
        return len(due)

    async def close(self) -> None:
        """Writes down what is known to be confirmed; later news is not waited for."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        await self._confirm()

    async def _give(self, ticket: Ticket) -> None:
        body = encode(JobMessage(ticket.job, ticket.origin))
        try:
            await self._broker.publish(ticket.job, body)
        except NotPublished:
            self.log.warn("job {job} not confirmed by the broker", job=ticket.job)
            return
        if ticket.outbox is None:
            return
        self._confirmed.append(ticket.outbox)
        if self._timer is None and not self._closed:
            self._timer = self._reactor.callLater(CONFIRM_EVERY, self._confirm_now)

    def _confirm_now(self) -> None:
        self._timer = None
        Deferred.fromCoroutine(self._confirm()).addErrback(
            lambda failure: self.log.failure("confirming broke", failure)
        )

    async def _confirm(self) -> None:
        rows, self._confirmed = self._confirmed, []
        if not rows:
            return
        try:
            await self._outbox.confirm(rows)
        except Unavailable:
            # They will be published once more, which a claim makes harmless.
            self.log.warn("{count} confirmations not noted", count=len(rows))
