"""A world made of a seed: nodes, people, and everything that goes wrong.

    report = run(17)
    assert not report.faults, report

Nothing in it reads a real clock or real chance, so a seed is its whole history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from random import Random
from uuid import UUID

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from zope.interface import implementer

from tests.fakes.memory import ANN, BEN, Database, Record
from tests.simulation.broker import Hub
from tests.simulation.history import History
from tests.simulation.models import Calls
from tests.simulation.mutants import MUTANTS
from tests.simulation.node import Node
from tests.simulation.people import Device
from tests.simulation.polls import Poller
from tests.simulation.verdict import faults_of
from tests.simulation.weather import Weather
from zimgpt.cli.dialogue import Dialogue
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import Refusal

STORM = 40.0
"""Seconds for which things go wrong."""

REST = 400.0
"""Seconds after that in which everything must come to rest."""

BRIEF = {
    "level": "zimsec_o",
    "words": 100,
    "outline": [{"heading": name} for name in ("First", "Middle", "Last")],
}
"""What some essays are ordered by."""

WEALTH = 20_000
MOST_OPEN = 3
"""Answers of one person that may be under way at once."""


@attrs.frozen
class Report:
    """What became of a world."""

    seed: int
    digest: str
    faults: tuple[str, ...]
    lines: tuple[str, ...]
    asked: int
    again: int
    """Answers that took more than one attempt."""

    def brief(self) -> Report:
        """Without its history."""
        return attrs.evolve(self, lines=())

    def __str__(self) -> str:
        told = "\n".join(f"  {fault}" for fault in self.faults)
        last = "\n".join(f"  {line}" for line in self.lines[-25:])
        return (
            f"seed {self.seed}: {len(self.faults)} faults\n{told}\n"
            f"the last events:\n{last}\n"
            f"again: python -m tests.simulation --seed {self.seed} --trace"
        )


class World:
    """Everything that a seed brings about."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.clock = Clock()
        self.history = History(self.clock)
        self.weather = Weather.of(self.chance)
        self.stored = Database(
            clock=self.clock,
            balances={ANN: WEALTH, BEN: self.chance.randrange(3000)},
            most_open=MOST_OPEN,
        )
        self.given = sum(self.stored.balances.values())
        self.hub = Hub(self.clock, self.weather, self.history)
        self.calls = Calls()
        self.nodes: list[Node] = []
        self.dead: list[Node] = []  # kept, so that nothing of them is collected early
        self.devices: list[Device] = []
        self.pollers: list[Poller] = []
        self.faults: list[str] = []
        self._lives = 0
        for number in range(self.chance.choice((1, 2, 2, 3))):
            self._boot(number)
        for number in range(self.chance.randrange(2, 7)):
            self.clock.callLater(self.chance.uniform(0.1, 25.0), self._ask, number)
        for trouble, every in (
            (self._kill, self.weather.kill_every),
            (self._freeze, self.weather.freeze_every),
            (self._empty, self.weather.empty_every),
        ):
            self._again_and_again(trouble, every)

    def new_id(self) -> str:
        """A UUID that the seed decides."""
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    # ---- people

    def _ask(self, number: int) -> None:
        chance = self.chance
        user = chance.choice((ANN, ANN, BEN))
        words = f"Question {number}? " * chance.randrange(1, 5)
        question: dict[str, object] = {"id": f"q{number}", "text": words}
        question["kind"] = chance.choice(("chat", "chat", "essay"))
        if question["kind"] == "essay" and chance.random() < 0.5:
            question["brief"] = BRIEF | {"words": chance.choice((100, 200))}
        elif chance.random() < 0.3:
            question["max_tokens"] = chance.randrange(1, 60)
        mine = [
            one.dialogue.conversation
            for one in self.devices
            if one.user == user and one.dialogue.question.get("kind") == "chat"
        ]
        if question["kind"] == "chat" and mine and mine[-1] and chance.random() < 0.6:
            question["conversation"] = mine[-1]
        device = self._device(f"phone {number}", user, question)
        self.history.note(device.name, f"asks {question['kind']}")
        device.connect()
        self._plan(device)

    def _device(self, name: str, user: int, question: dict[str, object]) -> Device:
        dialogue = Dialogue(question, lambda text: device.voided(text))
        device = Device(self, name, ANN if user == ANN else BEN, dialogue)
        self.devices.append(device)
        return device

    def _plan(self, device: Device) -> None:
        chance = self.chance
        if chance.random() < 0.2:
            self.clock.callLater(chance.expovariate(0.5), device.stop)
        if chance.random() < 0.1:
            self.clock.callLater(chance.expovariate(0.2), self._delete, device)

    def accepted(self, device: Device) -> None:
        """An answer is known: sometimes another device, or a thief, reads it too."""
        if device.known is None or "text" not in device.dialogue.question:
            return
        if self.chance.random() < 0.3:
            self._second(device, device.user, "tablet")
        if self.chance.random() < 0.2:
            self._poll(device, AnswerId(device.known))
        if self.chance.random() < 0.1:
            thief = BEN if device.user == ANN else ANN
            self._second(device, thief, "thief")

    def _second(self, first: Device, user: int, what: str) -> None:
        device = self._device(f"{what} of {first.name}", user, {"id": "none"})
        device.dialogue.answer = device.known = first.known
        self.clock.callLater(self.chance.uniform(0, 20), device.connect)

    def _poll(self, first: Device, answer: AnswerId) -> None:
        poller = Poller(self, f"program of {first.name}", first.user, answer)
        self.pollers.append(poller)
        self.clock.callLater(self.chance.uniform(0, 20), poller.poll)

    def _delete(self, device: Device) -> None:
        conversation = device.dialogue.conversation
        nodes = [one for one in self.nodes if one.serves and not one.process.dead]
        if conversation is None or not nodes:
            return
        self.history.note(device.name, "deletes its conversation")
        node = self.chance.choice(nodes)
        deleting = node.conversing.delete(device.user, ConversationId(conversation))
        Deferred.fromCoroutine(deleting).addErrback(lambda why: why.trap(Refusal))

    def line(self, device: Device) -> Record | None:
        """What is stored of a device's answer."""
        if device.known is None:
            return None
        return self.stored.lines.get(AnswerId(device.known))

    # ---- nodes

    def _boot(self, place: int, name: str | None = None) -> None:
        self._lives += 1
        node = Node(self, name or f"n{place}-{self._lives}")
        if place < len(self.nodes):
            self.dead.append(self.nodes[place])
            self.nodes[place] = node
        else:
            self.nodes.append(node)
        node.start()

    def _kill(self) -> None:
        place = self.chance.randrange(len(self.nodes))
        node = self.nodes[place]
        if node.process.dead or not node.serves:
            return
        name = self.chance.choice((node.name, None))
        wait = self.chance.uniform(0.1, 8.0)
        if self.chance.random() < 0.25:
            node.stop(lambda: self._end(node, place, name, wait))
        else:
            self.history.note(node.name, "is killed")
            self._end(node, place, name, wait)

    def _end(self, node: Node, place: int, name: str | None, wait: float) -> None:
        if node.process.dead:
            return
        node.process.dead = True
        node.serves = False
        self.hub.gone(node.door)
        for device in self.devices:
            self.clock.callLater(0.05, device.left, node)
        self.clock.callLater(wait, self._boot, place, name)

    def _freeze(self) -> None:
        node = self.chance.choice(self.nodes)
        node.process.thaws = self.clock.seconds() + self.chance.uniform(1, 60)
        self.history.note(node.name, f"stands still until {node.process.thaws:.1f}")
        if self.chance.random() < 0.5:  # its broker has noticed
            for body in node.door.bodies:
                self.hub.keep(body)

    def _empty(self) -> None:
        self.hub.empty()

    def _again_and_again(self, trouble: Callable[[], None], every: float) -> None:
        if every >= 1e9:
            return

        def once() -> None:
            if self.clock.seconds() < STORM:
                trouble()
                self.clock.callLater(self.weather.after(every), once)

        self.clock.callLater(self.weather.after(every), once)

    # ---- time

    def live(self) -> None:
        """The storm, and then the rest."""
        while self._step(STORM):
            pass
        self.weather.clear()
        self.history.note("weather", "clears")
        for node in self.nodes:
            node.process.thaws = min(node.process.thaws, self.clock.seconds() + 1.0)
        while not self.at_rest() and self._step(STORM + REST):
            pass

    def _step(self, until: float) -> bool:
        """To the next thing that happens; False if that is later than ``until``."""
        calls = self.clock.calls
        if not calls or calls[0].getTime() > until:
            self.clock.rightNow = until
            return False
        self.clock.rightNow = calls[0].getTime()
        self.clock.advance(0)
        return True

    def at_rest(self) -> bool:
        """Nobody waits for anything."""
        return (
            all(device.done for device in self.devices)
            and all(poller.done for poller in self.pollers)
            and all(line.state.ended for line in self.stored.lines.values())
        )


def run(seed: int, mutant: str | None = None) -> Report:
    """Lives through one world, with something wrong in it if a mutant is named."""
    wrong = MUTANTS[mutant]() if mutant else nullcontext()
    with wrong, _failures() as failures:
        world = World(seed)
        world.live()
        found = (*world.faults, *faults_of(world), *failures)
    lines = world.stored.lines.values()
    return Report(
        seed=seed,
        digest=world.history.digest(),
        faults=found,
        lines=tuple(world.history.lines),
        asked=len(lines),
        again=sum(line.epoch > 1 for line in lines),
    )


@contextmanager
def _failures() -> Iterator[list[str]]:
    """Exceptions that no flow expected."""
    failures: list[str] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        if "log_failure" in event:
            failures.append(event["log_failure"].getTraceback())

    globalLogPublisher.addObserver(observe)
    try:
        yield failures
    finally:
        globalLogPublisher.removeObserver(observe)
