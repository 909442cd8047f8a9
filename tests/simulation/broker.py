"""A broker that loses, repeats, delays and reorders, and may be emptied at any time."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from tests.fakes.memory import MemoryLetters
from tests.simulation.history import History
from tests.simulation.process import Process
from tests.simulation.weather import Weather
from zimgpt.flows.ports import NoSuchNode, NotPublished, Outcome, Work

PLACES = 8
"""Jobs that a node is brought at once."""


class Hub:
    """What all nodes are connected to."""

    def __init__(self, clock: Clock, weather: Weather, history: History) -> None:
        self.clock = clock
        self.weather = weather
        self.history = history
        self.doors: dict[str, Door] = {}
        self.letters = MemoryLetters()
        self._jobs: list[bytes] = []
        self._age = 0  # how often it was emptied

    def empty(self) -> None:
        """Everything that it was given is gone."""
        self.history.note("broker", f"emptied of {len(self._jobs)} jobs")
        self._jobs.clear()
        self._age += 1

    def keep(self, body: bytes) -> None:
        """Brings a job to a node in a while, perhaps twice."""
        weather = self.weather
        copies = 2 if weather.happens(weather.broker_fails / 2) else 1
        for _ in range(copies):
            late = weather.happens(weather.broker_fails)
            wait = weather.chance.uniform(0, 20 if late else 0.005)
            self.clock.callLater(wait, self._arrived, body, self._age)

    def _arrived(self, body: bytes, age: int) -> None:
        if age == self._age:
            self._jobs.append(body)
            self.hand_out()

    def hand_out(self) -> None:
        """Gives jobs to nodes that have places."""
        while self._jobs:
            free = [one for one in self.doors.values() if one.free]
            if not free:
                return
            self.weather.chance.choice(free).bring(self._jobs.pop(0))

    def gone(self, door: Door) -> None:
        """A node is lost: what it has not acknowledged goes to another."""
        if self.doors.get(door.name) is door:
            del self.doors[door.name]
        for body in door.bodies:
            self.keep(body)
        door.bodies.clear()

    def carry(self, node: str, body: bytes) -> None:
        """Brings a message to a node, or not, or twice, or late."""
        weather = self.weather
        copies = 1
        if weather.happens(weather.broker_fails):
            copies = weather.chance.choice((0, 0, 1, 2))
        for _ in range(copies):
            late = weather.happens(weather.broker_fails)
            wait = weather.chance.uniform(0, 3.0) if late else 0.002
            self.clock.callLater(wait, self._deliver, node, body)

    def _deliver(self, node: str, body: bytes) -> None:
        door = self.doors.get(node)
        if door is not None and not door.process.dead:
            door.process.callLater(0, door.on_message, body)


class Door:
    """``ports.Broker`` for one process."""

    def __init__(self, hub: Hub, name: str, process: Process) -> None:
        self.name = name
        self.process = process
        self.bodies: list[bytes] = []
        self.on_message: Callable[[bytes], None] = lambda _: None
        self._hub = hub
        self._on_job: Work | None = None

    @property
    def connected(self) -> bool:
        """In a simulation nobody asks."""
        return True

    @property
    def dead_letters(self) -> MemoryLetters:
        """Where the letters of dead jobs lie."""
        return self._hub.letters

    @property
    def free(self) -> bool:
        """Whether it takes another job."""
        return (
            self._on_job is not None
            and not self.process.dead
            and len(self.bodies) < PLACES
        )

    async def start(
        self, *, on_job: Work | None, on_message: Callable[[bytes], None]
    ) -> None:
        """Begins."""
        self._on_job = on_job
        self.on_message = on_message
        self._hub.doors[self.name] = self
        self._hub.hand_out()

    async def stop_jobs(self) -> None:
        """Takes no new ones."""
        self._on_job = None

    async def close(self) -> None:
        """Ends."""
        self._hub.gone(self)

    async def publish(self, message_id: str, body: bytes) -> None:
        """Gives a job."""
        weather = self._hub.weather
        await self.process.pause(weather.latency())
        if weather.happens(weather.broker_fails):
            fate = weather.chance.choice(("lost", "refused", "in doubt"))
            self._hub.history.note(self.name, f"publish {message_id[:8]} {fate}")
            if fate == "in doubt":
                self._hub.keep(body)
            if fate != "lost":
                await self.process.pause(5.0)
                raise NotPublished
            return
        self._hub.keep(body)
        await self.process.pause(weather.latency())

    async def send(self, node: str, body: bytes) -> None:
        """Sends to one node."""
        weather = self._hub.weather
        await self.process.pause(0.001)
        if weather.happens(weather.broker_fails / 4):
            raise NotPublished
        if node not in self._hub.doors:
            raise NoSuchNode(node)
        self._hub.carry(node, body)

    async def broadcast(self, body: bytes) -> None:
        """Sends to every other node."""
        await self.process.pause(0.001)
        for name in list(self._hub.doors):
            if name != self.name:
                self._hub.carry(name, body)

    def bring(self, body: bytes) -> None:
        """A job comes."""
        self.bodies.append(body)
        self.process.callLater(0, self._begin, body)

    def _begin(self, body: bytes) -> None:
        Deferred.fromCoroutine(self._work(body))

    async def _work(self, body: bytes) -> None:
        if self._on_job is None:
            self._done(body)
            self._hub.keep(body)
            return
        try:
            outcome = await self._on_job(body)
        except Exception as error:
            self._hub.history.note(self.name, f"a job raised {type(error).__name__}")
            await self.process.pause(1.0)
            self._hub.keep(body)
        else:
            if outcome is Outcome.DEAD:
                self._hub.letters.jobs.append(body.decode())
        self._done(body)

    def _done(self, body: bytes) -> None:
        if body in self.bodies:
            self.bodies.remove(body)
        self._hub.hand_out()
