"""Whatever happens, a client that follows the protocol has the text, whole and once.

Two nodes share a database and a broker that loses messages. Answers are asked,
written, stopped, crash and begin again; clients on both nodes pause, clear, read
again, reconnect and change their pace; replies of the database come late or not at
all. After every step each client's text must be what is stored up to its place.
"""

from __future__ import annotations

import json
from typing import Any

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.internet.defer import Deferred

from tests.fakes.listener import Listener, Wire
from tests.fakes.memory import (
    ANN,
    LEASE,
    Database,
    MemoryBroker,
    ScriptedSource,
    asked,
)
from tests.fakes.people import MemoryAccounts
from tests.fakes.results import begun
from tests.fakes.room import Room
from zimgpt.domain.accounts import Session, SessionId
from zimgpt.domain.answers import Finish
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.ledger import Usage
from zimgpt.domain.phones import Phone
from zimgpt.flows.asking import Asking
from zimgpt.flows.desk import Desk
from zimgpt.flows.following import STALE
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.link import Link

SESSION = Session(SessionId("s"), ANN, Phone("+263771234567"))
CALLS = ("read", "append", "finish", "claim", "remembered", "ask")
WORDS = st.text(st.sampled_from('ab é"\\\n🌧'), min_size=1, max_size=12)
PICK = st.integers(0, 10_000)


@attrs.define
class Client:
    """Somebody's program, its connection, and what it has asked for."""

    machine: Texts
    listener: Listener = attrs.Factory(Listener)
    asked: dict[str, str] = attrs.Factory(dict)
    wire: Wire = attrs.field(init=False)
    link: Link = attrs.field(init=False)

    def connect(self, room: Room) -> None:
        """A new connection; it reads on what has not ended, and asks again."""
        self.listener.connect()
        self.wire = Wire(self.listener)
        desk = self.machine.desks[room.name]
        self.link = Link(room.clock, desk, SESSION, self.wire, Gate(room.clock.seconds))
        for answer, text in self.listener.texts.items():
            if not text.ended:
                self.read(answer, *text.at)
        for client_id, question in self.asked.items():
            self.say(type="ask", id=client_id, text=question)

    def say(self, **request: object) -> None:
        """Sends a request."""
        self.link.heard(json.dumps(request).encode())

    def read(self, answer: str, epoch: int, seq: int) -> None:
        """Reads an answer from a place."""
        self.say(type="read", answer=answer, epoch=epoch, seq=seq)

    def deliver(self) -> None:
        """Everything arrives; refused reads are not repeated before a reconnect."""
        for payload in self.wire.on_its_way:
            frame: dict[str, Any] = json.loads(payload)
            if frame.get("type") == "accepted":
                self.asked.pop(frame["id"], None)
        self.wire.deliver()


class Texts(RuleBasedStateMachine):
    """Two nodes, three clients, and everything that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.db, self.broker = Database(), MemoryBroker()
        self.rooms = [Room(self.db, name, self.broker) for name in ("here", "there")]
        self.by_name = {room.name: room for room in self.rooms}
        self.numbers = 0
        self.desks = {room.name: self._desk(room) for room in self.rooms}
        self.gates: list[Deferred[None]] = []
        self.clients = [Client(self) for _ in range(3)]
        for number, client in enumerate(self.clients):
            client.connect(self.rooms[number % 2])

    def _desk(self, room: Room) -> Desk:
        asking = Asking(
            room.questions, ("model",), 100, room.name, self._new_id, lambda _: None
        )
        return Desk(
            asking,
            room.audience,
            room.exchange,
            room.questions,
            room.answers,
            MemoryAccounts(),
        )

    def _new_id(self) -> str:
        self.numbers += 1
        return f"00000000-0000-4000-a000-{self.numbers:012}"

    @property
    def answers(self) -> list[AnswerId]:
        """All answers."""
        return list(self.db.lines)

    @property
    def sources(self) -> list[ScriptedSource]:
        """All open streams."""
        every = [source for room in self.rooms for source in room.models.sources]
        return [source for source in every if not source.ended.called]

    # ---- answers

    @initialize()
    def start(self) -> None:
        """Two answers are being written, and everybody reads one of them."""
        for where in range(2):
            answer = asked(self.db, 900 + where).answer
            self.begin(where, where)
            for client in self.clients[: 2 + where]:
                client.read(answer, 0, 0)
        for source in self.sources:
            source.say("Once ")
        self.tick(lose=False)
        for client in self.clients:
            client.deliver()
        self.clients[0].say(type="pace", slow=True)

    @rule(who=PICK, again=st.booleans(), where=PICK)
    def ask(self, who: int, again: bool, where: int) -> None:
        """A question; sometimes one whose acceptance has not arrived yet."""
        client = self.clients[who % 3]
        name = next(iter(client.asked), "") if again else ""
        if not name:
            name = f"q{self.numbers}"
            client.asked[name] = "Why?"
        client.say(type="ask", id=name, text="Why?")
        self.begin(len(self.answers) - 1, where)

    @rule(which=PICK, where=PICK)
    def begin(self, which: int, where: int) -> None:
        """The broker offers a job to some node."""
        answer = self.answers[which % len(self.answers)]
        room = self.rooms[where % 2]
        begun(room.answering.run(self.db.lines[answer].new.job)).addErrback(
            lambda _: None
        )

    @precondition(lambda self: self.sources)
    @rule(
        which=PICK,
        texts=st.lists(WORDS, min_size=1, max_size=4),
        ticks=PICK,
        arrives=st.booleans(),
    )
    def write(self, which: int, texts: list[str], ticks: int, arrives: bool) -> None:
        """A model says something, in one tick or in several."""
        source = self.sources[which % len(self.sources)]
        for number, text in enumerate(texts):
            source.say(text)
            if ticks >> number & 1:
                self.tick(lose=False)
        for client in self.clients if arrives else ():
            client.deliver()

    @precondition(lambda self: self.sources)
    @rule(which=PICK, said=WORDS)
    def end(self, which: int, said: str) -> None:
        """A model has said all."""
        source = self.sources[which % len(self.sources)]
        source.say(said)
        source.end(usage=Usage(20, 5))

    @rule(who=PICK, which=PICK)
    def stop(self, who: int, which: int) -> None:
        """Somebody has heard enough."""
        answer = self.answers[which % len(self.answers)]
        self.clients[who % 3].say(type="stop", answer=answer)

    @rule(which=PICK, where=PICK)
    def lose(self, which: int, where: int) -> None:
        """A lease runs out, and another node, or the same, begins again."""
        line = self.db.lines[self.answers[which % len(self.answers)]]
        line.lease_until = line.run_after = self.db.clock.seconds()
        self.begin(which, where)

    # ---- time, the database and the broker

    @rule(lose=st.booleans())
    def tick(self, lose: bool) -> None:
        """A tick passes, and messages between nodes arrive, or do not."""
        self.rooms[0].tick()
        self.carry(lose=lose)

    @rule()
    def look_up(self) -> None:
        """Quiet answers are looked up."""
        self.db.clock.advance(STALE)
        for room in self.rooms:
            begun(room.audience.look_up()).addErrback(lambda _: None)
        self.carry(lose=False)

    def carry(self, lose: bool) -> None:
        """Delivers what nodes have sent one another, unless the broker loses it."""
        while self.broker.sent:
            node, body = self.broker.sent.pop(0)
            if not lose:
                self.by_name[node].exchange.heard(body)

    @rule(call=st.sampled_from(CALLS), how=st.sampled_from(("there", "back", "lost")))
    def trouble(self, call: str, how: str) -> None:
        """The next such call is slow on its way there or back, or its reply is lost."""
        if how == "lost":
            self.db.unheard.append(call)
        else:
            hold = self.db.hold_reply if how == "back" else self.db.hold_request
            self.gates.append(hold(call))

    @rule(calls=st.integers(1, 3))
    def outage(self, calls: int) -> None:
        """The database is away for a moment."""
        self.db.outage = calls

    @precondition(lambda self: self.gates)
    @rule()
    def go_on(self) -> None:
        """What has been slow for longest arrives."""
        self.gates.pop(0).callback(None)

    # ---- clients

    @rule(who=PICK)
    def deliver(self, who: int) -> None:
        """What is on its way to a client arrives."""
        self.clients[who % 3].deliver()

    @rule(who=PICK)
    def stall(self, who: int) -> None:
        """A socket is full, or clears."""
        client = self.clients[who % 3]
        client.wire.clear = not client.wire.clear
        if client.wire.clear:
            client.link.cleared()

    @rule(who=PICK, which=PICK, start=st.sampled_from((False, False, False, True)))
    def read(self, who: int, which: int, start: bool) -> None:
        """A client reads an answer, from where it is or from the start."""
        client = self.clients[who % 3]
        answer = self.answers[which % len(self.answers)]
        text = client.listener.texts.get(answer)
        place = (0, 0) if start or text is None else text.at
        client.read(answer, *place)

    @rule(who=PICK, where=PICK)
    def reconnect(self, who: int, where: int) -> None:
        """A connection breaks, with whatever is on its way."""
        client = self.clients[who % 3]
        client.link.closed()
        client.connect(self.rooms[where % 2])

    @rule(who=PICK, slow=st.booleans())
    def pace(self, who: int, slow: bool) -> None:
        """Somebody saves data, or not."""
        self.clients[who % 3].say(type="pace", slow=slow)

    # ---- what must hold

    @invariant()
    def texts_are_what_is_stored(self) -> None:
        """Up to its place, a client's text is the stored one."""
        for client in self.clients:
            for answer, text in client.listener.texts.items():
                epoch, seq = text.at
                texts = self.db.lines[AnswerId(answer)].texts
                stored = [texts[epoch, number] for number in range(1, seq + 1)]
                assert text.text == "".join(stored)

    def teardown(self) -> None:
        """When all troubles are over, everybody has everything."""
        self._calm()
        for _ in range(4):  # at most so many attempts
            self._round()
        for client in self.clients:
            self._ended(client)
        for room in self.rooms:
            assert room.answering.running == room.writer.drafting == 0
            assert room.audience.followed == 0
            assert room.exchange._followers == {}
        self.db.clock.advance(2)
        assert self.db.clock.getDelayedCalls() == []
        held = sum(line.settled or 0 for line in self.db.lines.values())
        assert self.db.balances[ANN] == 100_000 - held

    def _calm(self) -> None:
        self.db.outage = 0
        self.db.unheard.clear()
        self.db.quicken()
        for gate in self.gates:
            if not gate.called:
                gate.callback(None)
        for client in self.clients:
            client.wire.clear = True
            client.link.cleared()

    def _round(self) -> None:
        self.db.clock.advance(LEASE)
        self.carry(lose=False)
        for which in range(len(self.answers)):
            self.begin(which, where=which)
        for source in self.sources:
            source.say("The end.")
            source.end(Finish.STOP)
        self.rooms[0].tick()
        self.carry(lose=False)
        self.look_up()
        self.carry(lose=False)
        for client in self.clients:
            client.deliver()

    def _ended(self, client: Client) -> None:
        subscribed = [id(text) for text in client.listener.here.values()]
        for answer, text in client.listener.texts.items():
            line = self.db.lines[AnswerId(answer)]
            assert line.state.ended
            if id(text) in subscribed:
                assert text.ended
                assert text.text == line.text


def test_a_client_has_the_text_whole_and_once() -> None:
    """No interleaving of writing, breaking, reading and resuming corrupts a text."""
    run_state_machine_as_test(
        Texts,
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
        ),
    )
