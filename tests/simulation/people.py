"""People with devices: they lose their connection, come back, ask again, stop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
from twisted.internet.interfaces import IDelayedCall

from zimgpt.cli.dialogue import Dialogue
from zimgpt.domain.accounts import Session, SessionId, UserId
from zimgpt.domain.phones import Phone

if TYPE_CHECKING:
    from tests.simulation.node import Node
    from tests.simulation.world import World
    from zimgpt.inbound.link import Link

UP = 0.02
"""Seconds on the way to a node, and on the way back."""

FIRST_WAIT, LONGEST_WAIT = 0.3, 10.0
PATIENCE = 15.0
"""Seconds of silence after which a client opens another connection."""


class Connection:
    """A socket as its node sees it (``outgoing.Line``), with a way that takes time."""

    def __init__(self, device: Device, node: Node) -> None:
        self.device = device
        self.node = node
        self.open = True
        self.clear = True
        self.link: Link | None = None
        self._time = device.world.clock

    def send(self, payload: bytes) -> None:
        """To the client; what is on the way when the connection breaks is lost."""
        self._time.callLater(UP, self._arrive, payload)

    def _arrive(self, payload: bytes) -> None:
        if self.open:
            self.device.heard(payload)

    def ask(self, payload: bytes) -> None:
        """To the node."""
        self._time.callLater(UP, self._asked, payload)

    def _asked(self, payload: bytes) -> None:
        if self.open and not self.node.process.dead:
            self.node.process.callLater(0, self._hear, payload)

    def _hear(self, payload: bytes) -> None:
        if self.open and self.link is not None:
            self.link.heard(payload)

    def cut(self) -> None:
        """Both ends hear of it, the node a little later."""
        self.open = False
        self._time.callLater(UP, self._gone)

    def _gone(self) -> None:
        if self.link is not None:
            self.node.unlink(self.link)

    def stall(self, seconds: float) -> None:
        """The client takes nothing for a while."""
        self.clear = False
        self._time.callLater(seconds, self._clears)

    def _clears(self) -> None:
        self.clear = True
        if self.open and self.link is not None and not self.node.process.dead:
            self.node.process.callLater(0, self._tell_clear)

    def _tell_clear(self) -> None:
        if self.open and self.link is not None:
            self.link.cleared()


@attrs.define(eq=False)
class Device:
    """One client that reads one answer, with the terminal's own dialogue."""

    world: World
    name: str
    user: UserId
    dialogue: Dialogue
    faults: list[str] = attrs.Factory(list)
    known: str | None = None
    """The answer that it was acknowledged."""
    epochs: list[int] = attrs.Factory(list)
    """Of the texts that it was told to forget."""
    deleted: bool = False
    quits_at: float = 1e9
    _places: list[tuple[int, int]] = attrs.Factory(list)
    """Each seq it has been at, and how many frames it had then."""
    _connection: Connection | None = None
    _watch: IDelayedCall | None = None
    _wait: float = FIRST_WAIT

    @property
    def done(self) -> bool:
        """It knows how its answer ended."""
        return self.dialogue.outcome is not None

    def connect(self) -> None:
        """Opens a connection to any of the nodes."""
        if self.done:
            return
        world = self.world
        node = world.weather.chance.choice(world.nodes)
        self._restart_watch()
        if node.process.dead or not node.serves:
            self._come_back()
            return
        connection = self._connection = Connection(self, node)
        self._perhaps_forget()
        if world.weather.happens(0.1):
            connection.stall(world.weather.chance.uniform(0.1, 6.0))
        node.process.callLater(UP, self._opened, connection)

    def _opened(self, connection: Connection) -> None:
        if not connection.open:
            return
        session = Session(SessionId(self.name), self.user, Phone("+263771234567"))
        connection.link = connection.node.link(session, connection)
        connection.link.opened()
        payload = self.dialogue.opening()
        what = json.loads(payload)
        place = f"{what['type']} {what.get('epoch')} {what.get('seq')}"
        self.world.history.note(self.name, f"{place} at {connection.node.name}")
        connection.ask(payload)
        every = self.world.weather.cut_every
        if every < 1e9:
            self.world.clock.callLater(
                self.world.weather.after(every), self._cut, connection
            )

    def _cut(self, connection: Connection) -> None:
        if connection.open and self.world.weather.cut_every < 1e9:
            self.lose()

    def lose(self) -> None:
        """The connection breaks."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.cut()
        self._come_back()

    def left(self, node: Node) -> None:
        """A node has died: whoever is connected to it hears of that."""
        if self._connection is not None and self._connection.node is node:
            self.lose()

    def _come_back(self) -> None:
        if self.done:
            return
        chance = self.world.weather.chance
        wait, self._wait = self._wait, min(self._wait * 2, LONGEST_WAIT)
        if self.dialogue.retry is not None:
            wait = self.dialogue.retry
        self.world.clock.callLater(wait * (0.5 + chance.random()), self._again)

    def _again(self) -> None:
        if self._connection is None:
            self.connect()

    def _restart_watch(self) -> None:
        if self._watch is not None and self._watch.active():
            self._watch.cancel()
        self._watch = self.world.clock.callLater(PATIENCE, self._silent)

    def _silent(self) -> None:
        if not self.done and self._connection is not None:
            self.lose()

    def _perhaps_forget(self) -> None:
        """Sometimes comes back from an earlier place, or asks the same again."""
        dialogue, chance = self.dialogue, self.world.weather.chance
        if dialogue.answer is None or chance.random() > 0.3:
            return
        match chance.choice(("earlier", "earlier", "nothing", "ask")):
            case "earlier" if self._places:
                seq, frames = chance.choice(self._places)
                dialogue.seq = seq
                del dialogue.texts[frames:]
                self._places = [one for one in self._places if one[0] <= seq]
            case "ask" if "text" in dialogue.question:
                dialogue.answer = None
                self._forget()
            case "nothing":
                dialogue.epoch = 0
                self._forget()

    def _forget(self) -> None:
        self.dialogue.seq = 0
        self.dialogue.texts.clear()
        self._places.clear()

    # ---- what it hears

    def heard(self, payload: bytes) -> None:
        """One message."""
        dialogue = self.dialogue
        before = dialogue.seq
        self._restart_watch()
        dialogue.heard(payload)
        if dialogue.answer is not None and self.known is None:
            self._acknowledged(dialogue.answer)
        if dialogue.seq > before and dialogue.texts:
            self._wait = FIRST_WAIT
            self._places.append((dialogue.seq, len(dialogue.texts)))
            self._look(before)
        elif dialogue.seq < before:
            self._places.clear()
        if dialogue.outcome is not None:
            self._ended()
        elif dialogue.postponed or dialogue.retry is not None:
            self.lose()

    def _acknowledged(self, answer: str) -> None:
        self.known = answer
        self.world.history.note(self.name, f"accepted {answer[:8]}")
        self.world.accepted(self)

    def _look(self, before: int) -> None:
        """What is shown has been stored, at the place that it was said to have."""
        dialogue = self.dialogue
        line = self.world.line(self)
        if line is None or line.conversation in self.world.stored.erased:
            return
        stored = "".join(
            line.texts.get((dialogue.epoch, seq), "∅")
            for seq in range(before + 1, dialogue.seq + 1)
        )
        if stored != dialogue.texts[-1]:
            self.faults.append(
                f"shown at {dialogue.epoch}:{before}-{dialogue.seq} is"
                f" {dialogue.texts[-1]!r}, stored was {stored!r}"
            )

    def voided(self, text: str | None) -> None:
        """``Dialogue.show``: only a new epoch takes text back."""
        if text is None:
            self.epochs.append(self.dialogue.epoch)

    def _ended(self) -> None:
        outcome = self.dialogue.outcome
        assert outcome is not None
        self.world.history.note(self.name, f"ended {outcome.finish} {outcome.cost}")
        if self._watch is not None and self._watch.active():
            self._watch.cancel()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.cut()

    # ---- what it does

    def say(self, **message: object) -> None:
        """Sends a message, if there is a connection."""
        if self._connection is not None:
            self._connection.ask(json.dumps(message).encode())

    def stop(self) -> None:
        """Has heard enough."""
        if self.known is not None and not self.done:
            self.world.history.note(self.name, "stop")
            self.say(type="stop", answer=self.known)
