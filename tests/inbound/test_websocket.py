"""The websocket door on a real port: who comes in, what is sent, and slow clients."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from typing import Any

import attrs
import pytest
import pytest_twisted
from autobahn.twisted.resource import WebSocketResource
from twisted.internet import reactor as running
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.web.resource import Resource
from twisted.web.server import Site

from tests.inbound.visitor import BINARY, CLOSE, PING, PONG, TEXT, Visitor, connect
from zimgpt.domain.accounts import Session, SessionId, UserId, Wallet
from zimgpt.domain.answers import lowered_note
from zimgpt.domain.conversations import AnswerId, Begun, ConversationId
from zimgpt.domain.errors import NotSignedIn, Unavailable
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.domain.texts import Language
from zimgpt.flows.asking import Accepted, Question
from zimgpt.flows.ports import Reading
from zimgpt.flows.subscriptions import Subscription
from zimgpt.inbound.addresses import Proxies
from zimgpt.inbound.framing import text_frame
from zimgpt.inbound.handshakes import HANDSHAKE
from zimgpt.inbound.limits import Gate, Limits
from zimgpt.inbound.sockets import SocketFactory
from zimgpt.inbound.websocket import MOST_WAITING, ONE_READ, PARTS, STALLED, Socket

reactor: Any = running
OURS, THEIRS = "https://chat.example", "https://evil.example"
GUESTS = "https://study.example"
ANSWER = AnswerId("00000002-0000-4000-8000-000000000001")
COOKIE = "__Host-zg=good"
V1 = "zimgpt.v1"


@attrs.define
class People:
    """Knows two tokens; ``waits`` holds an answer back until it is fired."""

    away: bool = False
    waits: Deferred[None] | None = None
    asked: list[str] = attrs.Factory(list)

    async def authenticate(self, token: str) -> Session:
        """The session of "good" or "fine"."""
        self.asked.append(token)
        if self.waits is not None:
            await self.waits
        if self.away:
            raise Unavailable
        if token not in ("good", "fine"):
            raise NotSignedIn
        return Session(SessionId(token), UserId(1), Phone("+263771234567"))


# ruff: noqa: ARG002 - this desk asks nobody what they want


@attrs.define
class Desk:
    """Accepts every question."""

    joined: list[Subscription] = attrs.Factory(list)
    resumed: list[Subscription] = attrs.Factory(list)
    left: list[Subscription] = attrs.Factory(list)
    lowered: bool = False

    async def ask(self, user: UserId, question: Question, channel: str) -> Accepted:
        """Accepts."""
        return Accepted(
            answer=ANSWER,
            conversation=ConversationId("00000001-0000-4000-8000-000000000001"),
            max_tokens=1024,
            hold=Tokens(1100),
            available=Tokens(3900),
            lowered=self.lowered,
            fresh=True,
        )

    async def follow(
        self,
        subscription: Subscription,
        epoch: int,
        seq: int,
        announce: Callable[[Reading], None],
    ) -> None:
        """Nobody reads here."""
        raise NotImplementedError

    def join(self, subscription: Subscription) -> None:
        """Remembers."""
        self.joined.append(subscription)

    def leave(self, subscription: Subscription) -> None:
        """Remembers."""
        self.left.append(subscription)

    def resume(self, subscription: Subscription) -> None:
        """Remembers."""
        self.resumed.append(subscription)

    async def stop(self, user: UserId, answer: AnswerId) -> None:
        """Nobody stops here."""
        raise NotImplementedError

    async def wallet(self, user: UserId) -> Wallet:
        """What the greeting says."""
        return Wallet(Tokens(5000), Tokens(0))


@attrs.define
class Door:
    """A port with the websockets behind it; ``clock`` is the sockets' own time."""

    port: Any
    factory: SocketFactory
    people: People
    desk: Desk
    clock: Clock
    visitors: list[Visitor] = attrs.Factory(list)

    async def shake(
        self, protocols: str = V1, **headers: str
    ) -> tuple[int, Visitor, Socket | None]:
        """A handshake's status, and both ends of what came of it."""
        before = set(self.factory.sockets)
        visitor = await connect(self.port.getHost().port)
        self.visitors.append(visitor)
        status = await visitor.shake(headers, protocols)
        (socket,) = (self.factory.sockets - before) or (None,)
        return status, visitor, socket

    async def visit(self, token: str = "good") -> tuple[Visitor, Socket]:
        """Somebody who is in and has been greeted."""
        status, visitor, socket = await self.shake(Authorization=f"Bearer {token}")
        assert status == 101
        assert socket is not None
        greeting = await visitor.frame()
        assert json.loads(greeting.payload)["type"] == "balance"
        return visitor, socket

    def connections(self) -> int:
        """Those that autobahn counts."""
        factory: Any = self.factory
        return int(factory.getConnectionCount())

    async def empty(self) -> None:
        """Returns when every socket is gone."""
        await soon(lambda: not self.factory.sockets)


async def soon(true: Callable[[], bool]) -> None:
    """Looks again and again, until the test's own patience ends."""
    while not true():
        await deferLater(reactor, 0.005)


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def door() -> AsyncIterator[Door]:
    """The door, open."""
    clock, people, desk = Clock(), People(), Desk()
    timed: Any = clock
    factory = SocketFactory(timed, desk, people, [OURS], guests=[GUESTS], most=3)
    root = Resource()
    root.putChild(b"ws", WebSocketResource(factory))
    port = reactor.listenTCP(0, Site(root), interface="127.0.0.1")
    door = Door(port, factory, people, desk, clock)
    before = set(reactor.getDelayedCalls())
    yield door
    await port.stopListening()
    for visitor in door.visitors:
        await visitor.leave()
    await door.empty()
    # autobahn lets a timer of a second run out, though its socket is gone.
    await soon(lambda: set(reactor.getDelayedCalls()) <= before)


# ---- who may come in


@pytest.mark.parametrize(
    ("protocols", "headers", "status"),
    [
        ("", {"Authorization": "Bearer good"}, 400),
        ("other", {"Authorization": "Bearer good"}, 400),
        (V1, {"Cookie": COOKIE, "Origin": OURS}, 101),
        (V1, {"Cookie": f"a=b; {COOKIE}; c=d", "Origin": OURS}, 101),
        (V1, {"Cookie": COOKIE, "Origin": THEIRS}, 403),
        (V1, {"Cookie": COOKIE, "Origin": "null"}, 400),
        (V1, {"Cookie": COOKIE}, 403),
        (V1, {"Cookie": "__Host-zg=bad", "Origin": OURS}, 401),
        (V1, {"Cookie": "other=good", "Origin": OURS}, 401),
        (V1, {"Cookie": f"a[=b; (c)=d; e; {COOKIE}", "Origin": OURS}, 101),
        (V1, {"Origin": OURS}, 401),
        (V1, {}, 403),
        (f"{V1}, bearer.good", {}, 101),
        (f"{V1}, bearer.good", {"Origin": OURS}, 101),
        (f"{V1}, bearer.good", {"Origin": THEIRS}, 403),
        (f"{V1}, bearer.good", {"Origin": GUESTS}, 101),
        (V1, {"Cookie": COOKIE, "Origin": GUESTS}, 403),
        (f"{V1}, bearer.good", {"Origin": "null"}, 400),
        (f"{V1}, bearer.bad", {"Cookie": COOKIE, "Origin": OURS}, 401),
        ("bearer.good", {}, 400),
        (V1, {"Authorization": "Bearer good"}, 101),
        (V1, {"Authorization": "bearer  good "}, 101),
        (V1, {"Authorization": "Bearer good", "Origin": THEIRS}, 403),
        (V1, {"Authorization": "Bearer bad"}, 401),
        (V1, {"Authorization": "Basic good"}, 403),
        (V1, {"Authorization": "Bearer"}, 401),
    ],
)
async def test_admission(
    door: Door, protocols: str, headers: dict[str, str], status: int
) -> None:
    """A session comes in from our page or from a program, and from nowhere else."""
    assert (await door.shake(protocols, **headers))[0] == status


async def test_a_page_of_theirs_learns_nothing_of_a_token(door: Door) -> None:
    """Where a request may not come from, its token is not even looked at."""
    await door.shake(Cookie=COOKIE, Origin=THEIRS)

    assert door.people.asked == []


async def test_the_database_is_away(door: Door) -> None:
    """That is 503, not 401: the client must not throw its session away."""
    door.people.away = True

    assert (await door.shake(Authorization="Bearer good"))[0] == 503


async def test_a_node_that_goes_away_lets_nobody_in(door: Door) -> None:
    """After its goodbye a handshake is answered with 503."""
    door.factory.bye(lambda: 1)

    assert (await door.shake(Authorization="Bearer good"))[0] == 503


async def test_a_full_house(door: Door) -> None:
    """Above the most that were agreed, 503; who leaves makes room."""
    first, _ = await door.visit()
    await door.visit()
    await door.visit()
    assert (await door.shake(Authorization="Bearer good"))[0] == 503

    await first.leave()
    await soon(lambda: door.connections() == 2)

    assert (await door.shake(Authorization="Bearer good"))[0] == 101


async def test_a_visitor_who_leaves_at_the_door(door: Door) -> None:
    """Gone before it is known who it is: no socket is left behind."""
    door.people.waits = Deferred()
    visitor = await connect(door.port.getHost().port)
    door.visitors.append(visitor)
    shaking = Deferred.fromCoroutine(
        visitor.shake({"Authorization": "Bearer good"}, V1)
    )
    await soon(lambda: bool(door.people.asked))
    await visitor.leave()
    with pytest.raises(AssertionError, match="the connection is gone"):
        await shaking
    await soon(lambda: not door.connections())

    door.people.waits.callback(None)

    assert door.factory.sockets == set()


async def test_a_node_that_says_goodbye_meanwhile(door: Door) -> None:
    """Who was let in too late for the goodbye would never be told: 503."""
    door.people.waits = Deferred()
    shaking = Deferred.fromCoroutine(door.shake(Authorization="Bearer good"))
    await soon(lambda: bool(door.people.asked))

    door.factory.bye(lambda: 1)
    door.people.waits.callback(None)

    assert (await shaking)[0] == 503


# ---- frames


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, "8100"),
        (1, "8101"),
        (125, "817d"),
        (126, "817e007e"),
        (65_535, "817effff"),
        (65_536, "817f0000000000010000"),
    ],
)
def test_text_frame(size: int, head: str) -> None:
    """The bytes of RFC 6455, section 5.2, at the edges of its three lengths."""
    payload = b"x" * size

    assert text_frame(payload) == bytes.fromhex(head) + payload


async def test_messages_go_both_ways(door: Door) -> None:
    """What is sent arrives as one text frame; what is heard is answered."""
    visitor, socket = await door.visit()

    socket.send(b"h" * 70_000)
    assert (await visitor.frame()).raw == text_frame(b"h" * 70_000)
    visitor.send(TEXT, b'{"type":"ping"}')
    assert (await visitor.frame()).raw == text_frame(b'{"type":"pong"}')


@pytest.mark.parametrize(
    ("opcode", "payload", "code"),
    [
        (BINARY, b'{"type":"ping"}', 1003),
        (TEXT, b"\xff", 1007),
        (TEXT, b" " * 65_537, 1009),
        (3, b"", 1002),
    ],
)
async def test_wrong_frames(door: Door, opcode: int, payload: bytes, code: int) -> None:
    """They end the socket with a code that says what was wrong."""
    visitor, _ = await door.visit()

    visitor.send(opcode, payload)

    assert await visitor.closing() == code


async def test_a_closing_socket_neither_hears_nor_speaks(door: Door) -> None:
    """After our close frame nothing follows, and what still comes is not acted on."""
    visitor, socket = await door.visit()

    socket.end(4401, "signed out")
    socket.send(b"late")
    visitor.send(TEXT, b'{"type":"ask","id":"1","text":"late"}')
    assert (await visitor.frame()).code == 4401
    visitor.send(CLOSE, (4401).to_bytes(2))
    await visitor.gone
    await door.empty()
    socket.onMessage(b'{"type":"ask","id":"2","text":"later"}', False)
    socket.send(b"later still")

    assert door.desk.joined == []


async def test_what_a_handshake_leaves_is_dropped(door: Door) -> None:
    """Headers and the like go when it is done; pings and closing work without them."""
    visitor, socket = await door.visit()

    assert set(vars(socket)).isdisjoint(HANDSHAKE)
    visitor.send(PING, b"there?")
    answer = await visitor.frame()
    assert (answer.opcode, answer.payload) == (PONG, b"there?")
    visitor.send(CLOSE, (1000).to_bytes(2))
    assert (await visitor.frame()).code == 1000
    await visitor.gone


async def test_options_are_shared(door: Door) -> None:
    """No socket carries a copy of the options; two doors have their own."""
    _, socket = await door.visit()
    timed: Any = Clock()
    other = SocketFactory(timed, door.desk, door.people, [OURS], most=7)

    copied = set(vars(socket)) & set(Socket.CONFIG_ATTRS)
    assert copied == set()
    assert [
        vars(kind)["maxConnections"] for kind in (type(socket), other.protocol)
    ] == [
        3,
        7,
    ]


async def test_sentences_are_in_the_language_of_the_handshake(door: Door) -> None:
    """As their browser says which they read."""
    door.desk.lowered = True
    headers = {"Authorization": "Bearer good", "Accept-Language": "sn-ZW,sn;q=0.9"}
    _, visitor, _ = await door.shake(**headers)
    await visitor.frame()

    visitor.send(TEXT, b'{"type":"ask","id":"1","text":"Sadza?"}')
    accepted = json.loads((await visitor.frame()).payload)

    assert accepted["note"] == lowered_note(1024, Language.SHONA)


# ---- clients that do not read


async def fill(socket: Socket) -> None:
    """Sends more than a network takes of which nobody reads."""
    while socket.clear:
        socket.send(bytes(32_768))
        await deferLater(reactor, 0 if socket.clear else 0.05)  # the kernel takes some


async def asked(door: Door, visitor: Visitor) -> Subscription:
    """A question under way."""
    visitor.send(TEXT, b'{"type":"ask","id":"1","text":"Sadza?"}')
    assert json.loads((await visitor.frame()).payload)["type"] == "accepted"
    (subscription,) = door.desk.joined
    return subscription


async def test_a_client_that_does_not_read(door: Door) -> None:
    """Its link takes no more text, and after a while its connection is cut."""
    visitor, socket = await door.visit()
    subscription = await asked(door, visitor)
    visitor.stop_reading()

    await fill(socket)

    assert socket.link is not None
    assert socket.link.text(subscription, "more") is False
    socket.pauseProducing()  # more is sent, and stays where it is
    door.clock.advance(STALLED - 1)
    await deferLater(reactor, 0)
    assert door.factory.sockets == {socket}
    door.clock.advance(1)
    await door.empty()
    assert door.desk.left == [subscription]
    assert socket.link is None
    socket.resumeProducing()  # a transport's last word after that harms nobody
    visitor.read_on()
    await visitor.gone


async def test_a_client_that_reads_again(door: Door) -> None:
    """It is brought up to date and keeps its connection."""
    visitor, socket = await door.visit()
    subscription = await asked(door, visitor)
    visitor.stop_reading()
    await fill(socket)
    door.desk.resumed.clear()  # what it read before

    visitor.read_on()
    await soon(lambda: socket.clear)

    assert door.desk.resumed == [subscription]
    assert door.clock.getDelayedCalls() == []  # nobody is waited for any more
    assert door.factory.sockets == {socket}


async def test_news_are_told_to_their_own_person_alone(door: Door) -> None:
    """To each of their sockets, and to none that has gone."""
    visitors = [(await door.visit())[0] for _ in range(2)]
    begun = Begun(ConversationId("talk"), ANSWER)

    door.factory.tell_begun(UserId(2), begun)
    door.factory.tell_begun(UserId(1), begun)

    told = [json.loads((await one.frame()).payload) for one in visitors]
    assert told == 2 * [{"type": "asked", "conversation": "talk", "answer": ANSWER}]
    await visitors[0].leave()
    await soon(lambda: len(door.factory.sockets) == 1)
    assert door.factory.watching([UserId(1), UserId(2)]) == {UserId(1)}
    await visitors[1].leave()
    await door.empty()
    assert door.factory.watching([UserId(1)]) == frozenset()


async def test_a_slow_client_that_leaves(door: Door) -> None:
    """Nothing waits for it afterwards."""
    visitor, socket = await door.visit()
    visitor.stop_reading()
    await fill(socket)

    await visitor.leave()
    await door.empty()

    assert door.clock.getDelayedCalls() == []


# ---- endings


async def test_sessions_that_end(door: Door) -> None:
    """Their sockets close with 4401; everybody else's stay."""
    gone, _ = await door.visit("good")
    stays, socket = await door.visit("fine")
    assert door.factory.sessions_here() == {"good", "fine"}

    door.factory.end_sessions([SessionId("good"), SessionId("elsewhere")])

    assert (await gone.frame()).payload == (4401).to_bytes(2) + b"signed out"
    gone.send(CLOSE, (4401).to_bytes(2))
    await gone.gone
    await soon(lambda: len(door.factory.sockets) == 1)
    assert door.factory.sessions_here() == {"fine"}
    socket.send(b"still")
    assert (await stays.frame()).payload == b"still"


async def test_going_away(door: Door) -> None:
    """First a time to come back, of each client's own; then 1001."""
    one, _ = await door.visit("good")
    two, _ = await door.visit("fine")
    times = iter((3, 4))

    door.factory.bye(lambda: next(times))
    said = [json.loads((await visitor.frame()).payload) for visitor in (one, two)]
    door.factory.close()

    assert [bye["type"] for bye in said] == ["bye", "bye"]
    assert {bye["retry"] for bye in said} == {3, 4}
    assert [await visitor.closing() for visitor in (one, two)] == [1001, 1001]


async def test_a_client_that_does_not_close(door: Door) -> None:
    """One second after our close frame its connection is cut."""
    visitor, _ = await door.visit()

    door.factory.close()

    assert (await visitor.frame()).code == 1001
    await visitor.gone


# ---- what a client may take


async def test_what_waits_for_one_client_has_an_end(door: Door) -> None:
    """Whoever asks on and on without reading is cut off before 256 KiB wait here."""
    visitor, socket = await door.visit()
    visitor.stop_reading()
    await fill(socket)

    for _ in range(MOST_WAITING // 32_768):
        socket.send(bytes(32_768))
        held = len(socket.transport.dataBuffer) + socket.transport._tempDataLen
        assert held <= MOST_WAITING + ONE_READ

    await door.empty()
    socket.send(b"late")
    assert door.clock.getDelayedCalls() == []


async def test_pongs_count_as_well(door: Door) -> None:
    """A flood of pings with no reader behind it ends the same way."""
    visitor, socket = await door.visit()
    visitor.stop_reading()
    await fill(socket)

    for _ in range(4 * MOST_WAITING // 100):  # the kernel may still take some
        visitor.send(PING, b"x" * 100)

    await door.empty()


async def test_a_message_in_too_many_frames(door: Door) -> None:
    """Empty frames take no payload, and memory all the same."""
    visitor, _ = await door.visit()

    visitor.write(bytes((TEXT, 0x80, 0, 0, 0, 0)))
    visitor.write(bytes((0, 0x80, 0, 0, 0, 0)) * PARTS)

    assert await visitor.closing() == 1009


async def test_messages_in_some_frames(door: Door) -> None:
    """Each message has as many as it needs; they are not added up."""
    visitor, _ = await door.visit()

    for _ in range(3):
        visitor.write(bytes((TEXT, 0x80, 0, 0, 0, 0)))
        visitor.write(bytes((0, 0x80, 0, 0, 0, 0)) * (PARTS - 2))
        visitor.send(0, b'{"type":"ping"}')
        assert (await visitor.frame()).payload == b'{"type":"pong"}'


async def test_one_person_has_so_many_sockets(door: Door) -> None:
    """One more is refused with a sentence and a time; who closes one may come again."""
    door.factory.gate = Gate(door.clock.seconds, Limits(sockets_per_account=1))
    visitor, _ = await door.visit()

    status, refused, _ = await door.shake(Authorization="Bearer good")
    assert status == 429
    assert b"Retry-After: 5" in refused.head
    assert b"too many connections open" in refused.head
    await visitor.leave()
    await door.empty()

    assert (await door.shake(Authorization="Bearer good"))[0] == 101


async def test_one_network_has_so_many_sockets(door: Door) -> None:
    """Behind our proxy it is the address that the proxy says."""
    proxies = Proxies((ip_network("127.0.0.1"),))
    limits = Limits(connections_per_address=1)
    door.factory.gate = Gate(door.clock.seconds, limits, proxies)

    async def visit(address: str) -> int:
        headers = {"Authorization": "Bearer good", "X-Forwarded-For": address}
        return (await door.shake(**headers))[0]

    statuses = [await visit("192.0.2.1"), await visit("192.0.2.1")]

    assert [*statuses, await visit("192.0.2.2")] == [101, 429, 101]


async def test_too_many_questions(door: Door) -> None:
    """They are refused by name, with the seconds to wait."""
    limits = Limits(questions_per_minute=1, messages_per_minute=3)
    door.factory.gate = Gate(door.clock.seconds, limits)
    visitor, _ = await door.visit()
    await asked(door, visitor)

    async def said(message: bytes) -> dict[str, Any]:
        visitor.send(TEXT, message)
        answer: dict[str, Any] = json.loads((await visitor.frame()).payload)
        return answer

    error = await said(b'{"type":"ask","id":"2","text":"Nyama?"}')
    assert (error["code"], error["id"], error["retry"]) == ("too_fast", "2", 60)
    assert (await said(b'{"type":"ping"}'))["type"] == "pong"
    assert (await said(b'{"type":"ping"}'))["code"] == "too_fast"
