"""A node's life: started, kept going, and drained before it ends."""

from __future__ import annotations

import gc
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from psycopg2.errors import UndefinedTable
from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from zimgpt.config import Config, Role
from zimgpt.domain.accounts import SessionId
from zimgpt.domain.errors import Unavailable
from zimgpt.inbound.answered import Answered
from zimgpt.inbound.visits import Visits
from zimgpt.inbound.worker import Worker
from zimgpt.service.doors import make_sites, make_sockets
from zimgpt.service.lag import Lag
from zimgpt.service.listening import NotHandedOver, listen
from zimgpt.service.metrics import Seen, make_metrics
from zimgpt.service.parts import make_parts
from zimgpt.service.payments import make_payments
from zimgpt.service.readiness import Life
from zimgpt.service.rounds import Rounds
from zimgpt.service.supervisor import READY, STOPPING, tell
from zimgpt.service.whatsapp import make_channel
from zimgpt.store import migrations
from zimgpt.store.migrations import SchemaTooNew, SchemaTooOld

SWEEP_EVERY = 5.0  # seconds
LOOK_UP_EVERY = 1.0
RECONCILE_EVERY = 1.0
RECHECK_EVERY = 60.0
FORGET_EVERY = 600.0
COUNT_EVERY = 15.0
DRAIN = 30.0
"""Seconds that a node which is told to stop spends on what it has begun."""
GRACE = 1.0
"""Seconds that open HTTP connections have for a request that is on its way."""
COME_BACK = 5
"""Seconds over which the clients of a stopping node spread their return."""


class Node(Service):
    """One process of ZimGPT."""

    log = Logger()
    broken = False
    """It could not start."""

    def __init__(self, config: Config, reactor: Any) -> None:  # noqa: ANN401
        self._config = config
        self._reactor = reactor
        self._parts = make_parts(config, reactor, self._end_sessions)
        self._sockets = make_sockets(config, reactor, self._parts)
        self._payments = make_payments(config, reactor, self._parts, self._sockets)
        self._channel = make_channel(config, reactor, self._parts, self._payments)
        self._visits = Visits()
        self._life = Life()
        self._lag = Lag(reactor)
        self._answered = Answered()
        self._rounds = Rounds(reactor)
        self._hurried = False
        self._ports: list[IListeningPort] = []
        self._telling: IListeningPort | None = None
        self._starting: Deferred[None] = succeed(None)

    # ---- starting

    def startService(self) -> None:
        """Begins; what is not there yet, a database say, is waited for."""
        super().startService()
        self._starting = Deferred.fromCoroutine(self._start())
        self._starting.addErrback(self._failed)

    async def _start(self) -> None:
        self._parts.people.hashing.start()
        self._parts.deskwork.start()
        self._lag.start()
        await self._tell()
        if Role.WEB in self._config.roles:
            await self._listen()
        await self._parts.pool.start()
        await self._check_schema()
        if Role.WORKER in self._config.roles and self.running:
            await self._take_back()
        if self.running:
            await self._begin()

    async def _listen(self) -> None:
        sites = make_sites(
            self._config,
            self._reactor,
            self._parts,
            self._sockets,
            self._payments,
            self._channel,
        )
        for described, site in sites.items():
            self._visits.watch(site)
            site.answered = self._answered
            self._ports.append(await listen(self._reactor, described, site))

    async def _tell(self) -> None:
        if self._config.metrics_listen is not None:
            seen = Seen(
                self._sockets, self._answered, self._lag, self._life, self._payments
            )
            site = make_metrics(self._reactor, self._parts, seen)
            self._telling = await listen(
                self._reactor, self._config.metrics_listen, site
            )

    async def _check_schema(self) -> None:
        """A database that is away is waited for; one of another schema is not used."""
        try:
            rows = await self._parts.pool.query(migrations.APPLIED)
        except Unavailable:
            return
        except UndefinedTable:
            raise SchemaTooOld(SchemaTooOld.__doc__) from None
        migrations.compare(frozenset(name for (name,) in rows))

    async def _begin(self) -> None:
        parts, worker = self._parts, Role.WORKER in self._config.roles
        await parts.carrying.broker.start(
            on_job=self._work().job if worker else None,
            on_message=parts.carrying.exchange.heard,
        )
        every = self._rounds.every
        every(SWEEP_EVERY, parts.upkeep.sweeping.sweep)
        every(LOOK_UP_EVERY, parts.carrying.audience.look_up)
        every(RECHECK_EVERY, self._recheck)
        every(FORGET_EVERY, parts.upkeep.forgetting.round)
        every(COUNT_EVERY, parts.upkeep.counting.round)
        every(self._config.lease_seconds / 3, parts.writing.answering.renew)
        if self._channel is not None:
            every(self._config.lease_seconds / 3, self._channel.lanes.renew)
        if worker and self._payments.on:
            every(RECONCILE_EVERY, self._payments.reconciling.round)
        # What has been made by now stays: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        self._life.begun = True
        self.log.info(
            "node {node} is up: {roles}",
            node=self._config.node,
            roles=", ".join(sorted(self._config.roles)),
        )
        tell(READY)

    def _work(self) -> Worker:
        return Worker(self._run, self._parts.stores.dead_jobs.is_dead)

    async def _run(self, job: str) -> bool:
        """A job of whatever kind; most are answers."""
        if await self._parts.writing.answering.run(job):
            return True
        return self._channel is not None and await self._channel.lanes.run(job)

    async def _take_back(self) -> None:
        """What an earlier life under this name had begun goes back to the queue.

        The broker within this process begins empty, so everything is given to it.
        """
        try:
            await self._parts.stores.jobs.release(self._config.node)
            if self._config.broker == "local:":
                await self._parts.carrying.relay.sweep(timedelta(0))
        except Unavailable:
            self.log.warn("the database is away: unfinished work is taken up later")

    def _failed(self, failure: Any) -> None:  # noqa: ANN401 - a Failure
        self.broken = True
        if failure.check(CannotListenError, NotHandedOver, SchemaTooOld, SchemaTooNew):
            reason = failure.getErrorMessage()
            self.log.critical("the node cannot start: {reason}", reason=reason)
        else:
            self.log.failure("the node cannot start", failure)
        # twistd starts its services before the reactor, which cannot be stopped yet.
        self._reactor.callWhenRunning(self._reactor.stop)

    # ---- running

    def _end_sessions(self, sessions: Sequence[SessionId]) -> None:
        self._sockets.end_sessions(sessions)

    async def _recheck(self) -> None:
        """Sessions also end by time, and news of their end can be lost."""
        here = self._sockets.sessions_here()
        if here:
            self._end_sessions(
                tuple(here - await self._parts.stores.sessions.live(here))
            )

    # ---- stopping

    def stopService(self) -> Deferred[None]:
        """Takes nothing new, finishes or hands over what has begun, and ends."""
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    def hurry(self) -> None:
        """Waits for nothing any more: what has begun is handed over at once."""
        self._hurried = True

    async def _stop(self) -> None:
        self.log.info("node {node} is stopping", node=self._config.node)
        self._life.stopping = True
        tell(STOPPING)
        while self._ports:
            await maybeDeferred(self._ports.pop().stopListening)
        self._sockets.bye(lambda: random.randint(1, COME_BACK))  # noqa: S311 - a wait
        self._visits.leave()
        self._parts.polling.hurry()
        self._payments.herald.hurry()
        await self._parts.carrying.broker.stop_jobs()
        if self._channel is not None:
            self._channel.proving.hurry()
            self._channel.lanes.stop()
        await self._drain()
        self._visits.hang_up()
        self._rounds.stop()
        if self._channel is not None:
            self._channel.typing.close()
        self._sockets.close()
        await self._close()
        self.log.info("node {node} has stopped", node=self._config.node)

    async def _drain(self) -> None:
        """Answers under way have a while; then other nodes have them, at once."""
        answering = self._parts.writing.answering
        began = self._reactor.seconds()
        while not self._hurried and self._under_way(self._reactor.seconds() - began):
            await deferLater(self._reactor, 0.1)
        if answering.running:
            self.log.info("handing over {count} answers", count=answering.running)
            try:
                await answering.give_up()
            except Unavailable:
                self.log.warn("the database is away: leases will run out by themselves")

    def _under_way(self, seconds: float) -> bool:
        """Whether there is something to wait for, so many seconds after the stop."""
        if seconds >= DRAIN:
            return False
        lanes = self._channel.lanes.running if self._channel is not None else 0
        asking = self._payments.initiating.running
        if (
            self._parts.writing.answering.running
            or lanes
            or asking
            or self._visits.busy
        ):
            return True
        return seconds < GRACE and self._visits.open > 0

    async def _end_traces(self) -> None:
        """What was told of last is sent; a collector that is away is not waited for."""
        traces = self._parts.writing.traces
        if traces is not None:
            await deferToThreadPool(
                self._reactor, self._parts.people.hashing, traces.close
            ).addTimeout(GRACE * 5, self._reactor, lambda *_: None)

    async def _close(self) -> None:
        self._lag.stop()
        if self._telling is not None:
            await maybeDeferred(self._telling.stopListening)
        try:
            await self._parts.carrying.relay.close()
        finally:
            await self._parts.carrying.broker.close()
            await self._parts.writing.connections.close()
            self._parts.pool.close()
            await self._starting  # nothing is left that it could wait for
            await self._end_traces()
            self._parts.people.hashing.stop()
            self._parts.deskwork.stop()
