"""One life of a node: the real flows and the real links on memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall, deferLater

from tests.fakes.memory import (
    LEASE,
    Database,
    MemoryAnswers,
    MemoryDrafts,
    MemoryJobs,
    MemoryQuestions,
)
from tests.fakes.people import MemoryAccounts
from tests.fakes.upkeep import (
    MemoryConversations,
    MemoryDeadJobs,
    MemoryOutbox,
    MemoryUpkeep,
)
from tests.simulation.broker import Door
from tests.simulation.models import Model
from tests.simulation.process import Process
from tests.simulation.stores import Reached
from zimgpt.domain.accounts import Session, UserId, Wallet
from zimgpt.domain.errors import Unavailable
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.answering import Answering
from zimgpt.flows.asking import Asking
from zimgpt.flows.breaking import Guarded
from zimgpt.flows.burying import Burying
from zimgpt.flows.composing import Composer
from zimgpt.flows.conversing import Conversing
from zimgpt.flows.desk import Desk
from zimgpt.flows.exchanging import Exchange
from zimgpt.flows.following import Audience
from zimgpt.flows.models import Fallback
from zimgpt.flows.polling import Polling
from zimgpt.flows.relaying import Relay
from zimgpt.flows.remembering import Remembering
from zimgpt.flows.sweeping import Sweeping
from zimgpt.flows.writing import Writer
from zimgpt.inbound.link import Link
from zimgpt.inbound.outgoing import Line
from zimgpt.inbound.worker import Worker

if TYPE_CHECKING:
    from tests.simulation.world import World

TICK = 0.1
WINDOW = 500
DRAIN = 5.0
LOOK_UP_EVERY = 1.0
SWEEP_EVERY = 5.0


class Wallets(MemoryAccounts):
    """Balances as the questions' database has them."""

    def __init__(self, db: Database) -> None:
        super().__init__()
        self._db = db

    async def wallet(self, user: UserId) -> Wallet:
        """What is free to spend."""
        return await self._db.commit(
            "wallet", lambda: Wallet(Tokens(self._db.balances[user]), Tokens(0))
        )


class Unlimited:
    """Nobody is ever too fast (``link.Allowance``)."""

    def message(self, user: UserId) -> None:
        """May come."""

    def question(self, user: UserId) -> None:
        """May be asked."""


class Node:
    """One process, put together as ``service.parts`` does."""

    def __init__(self, world: World, name: str) -> None:
        self.name = name
        self.process = Process(world.clock)
        self._history = world.history
        clock, weather = self.process, world.weather
        db = Reached(world.stored, self.process, weather, world.history, name)
        self.door = Door(world.hub, name, self.process)
        self._jobs = MemoryJobs(db)
        drafts, answers = MemoryDrafts(db), MemoryAnswers(db)
        questions = MemoryQuestions(db)
        self._relay = Relay(clock, self.door, MemoryOutbox(db))
        self._audience = Audience(clock, answers, name)
        writer = Writer(clock, drafts, self._audience, TICK)
        exchange = Exchange(
            name,
            self.door,
            self._audience,
            lambda answer: self._answering.stop(answer),
            lambda _: None,
        )
        self._audience.outlet = exchange
        model = Model(self.process, weather, world.calls, world.history)
        models = Fallback([Guarded(model, clock)], clock, weather.chance.random)
        self._answering = Answering(
            name,
            self._jobs,
            models,
            writer,
            Composer(models, clock),
            Remembering(drafts, models, writer, WINDOW),
            exchange.add,
        )
        self._dead = MemoryDeadJobs(db)
        asking = Asking(
            questions, ["model"], WINDOW, name, world.new_id, self._relay.publish
        )
        self.desk = Desk(
            asking, self._audience, exchange, questions, answers, Wallets(db)
        )
        self.polling = Polling(clock, answers, self._audience)
        self.conversing = Conversing(MemoryConversations(db), self.desk.stop)
        self._exchange = exchange
        self._sweeping = Sweeping(
            clock,
            self._relay,
            MemoryUpkeep(db),
            self._audience,
            Burying(self._dead, self.door.dead_letters),
        )
        self._links: list[Link] = []
        self._loops: list[LoopingCall] = []
        self.serves = False

    def start(self) -> None:
        """Boots."""
        self._history.note(self.name, "starts")
        Deferred.fromCoroutine(self._start())

    async def _start(self) -> None:
        with suppress(Unavailable):
            await self._jobs.release(self.name)
        self.serves = True
        worker = Worker(self._answering.run, self._dead.is_dead)
        await self.door.start(on_job=worker.job, on_message=self._exchange.heard)
        self._every(SWEEP_EVERY, self._sweeping.sweep)
        self._every(LOOK_UP_EVERY, self._audience.look_up)
        self._every(LEASE / 3, self._answering.renew)

    def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        async def once() -> None:
            try:
                await work()
            except Unavailable:
                self._history.note(self.name, "a round is put off")

        loop = LoopingCall(lambda: Deferred.fromCoroutine(once()))
        loop.clock = self.process
        loop.start(seconds, now=False)
        self._loops.append(loop)

    def link(self, session: Session, line: Line) -> Link:
        """A client has connected."""
        link = Link(self.process, self.desk, session, line, Unlimited())
        self._links.append(link)
        return link

    def unlink(self, link: Link) -> None:
        """It has gone."""
        if not self.process.dead:
            link.closed()
            self._links.remove(link)

    def stop(self, stopped: Callable[[], None]) -> None:
        """Drains, hands over and ends, as SIGTERM makes it."""
        self._history.note(self.name, "stops")
        self.serves = False
        Deferred.fromCoroutine(self._stop(stopped))

    async def _stop(self, stopped: Callable[[], None]) -> None:
        for link in tuple(self._links):
            link.bye(1)
        await self.door.stop_jobs()
        until = self.process.seconds() + DRAIN
        while self._answering.running and self.process.seconds() < until:
            await deferLater(self.process, 0.1)
        if self._answering.running:
            try:
                await self._answering.give_up()
            except Unavailable:
                self._history.note(self.name, "its leases run out by themselves")
        for loop in self._loops:
            loop.stop()
        await self._relay.close()
        stopped()
