"""The HTTP door on a real socket, with a real client, real hashes and PostgreSQL."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import attrs
import pytest
from pytest_twisted import blockon
from treq.client import HTTPClient
from twisted.internet import reactor as running
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.http_headers import Headers
from twisted.web.resource import Resource

from tests.fakes.buying import Friends
from tests.fakes.buying import Shop as Buying
from tests.inbound.house import PASSWORD, PHONE, Desk, Orders, Shop, Wall
from zimgpt.flows.conversing import Conversing
from zimgpt.flows.signing_in import SigningIn
from zimgpt.inbound.http import Rooms, Root
from zimgpt.inbound.identity import Identity
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.routes_accounts import AccountRoutes
from zimgpt.inbound.routes_answers import AnswerRoutes
from zimgpt.inbound.routes_conversations import ConversationRoutes
from zimgpt.inbound.routes_essays import EssayRoutes
from zimgpt.inbound.routes_notices import NoticeRoutes
from zimgpt.inbound.routes_payments import PaymentRoutes
from zimgpt.inbound.routes_service import ServiceRoutes
from zimgpt.inbound.site import make_site
from zimgpt.inbound.surface import Surface
from zimgpt.inbound.website import Website
from zimgpt.store.accounts import PgAccounts
from zimgpt.store.conversations import PgConversations
from zimgpt.store.passwords import Argon2Passwords, threads
from zimgpt.store.pool import Pool
from zimgpt.store.sessions import PgSessions

reactor: Any = running
ENTRY = {"phone": PHONE, "password": PASSWORD}


def root(pool: Pool, passwords: Argon2Passwords, surface: Surface, folder: str) -> Root:
    """All rooms on the real store."""
    signing_in = SigningIn(
        accounts=PgAccounts(pool),
        sessions=PgSessions(pool),
        passwords=passwords,
        new_id=lambda: str(uuid.uuid4()),
        new_secret=lambda: secrets.token_bytes(32),
        on_ended=lambda _: None,
    )
    identity, desk = Identity(signing_in, surface), Desk()
    gate = Gate(reactor.seconds)
    conversing = Conversing(PgConversations(pool), desk.stop)
    rooms = Rooms(
        accounts=AccountRoutes(signing_in, identity, gate),
        conversations=ConversationRoutes(conversing, identity),
        answers=AnswerRoutes(desk, desk, identity, gate),
        essays=EssayRoutes(Orders(), identity),
        service=ServiceRoutes(Shop()),
        notices=NoticeRoutes(Wall()),
        payments=PaymentRoutes(Buying().topping_up, identity, gate, Friends()),
    )
    return Root(
        rooms,
        websocket=Resource(),
        website=Website(folder),
    )


@attrs.frozen
class Server:
    """Where it listens, and a client."""

    port: int
    http: HTTPClient

    @property
    def url(self) -> str:
        """Of the API."""
        return f"http://127.0.0.1:{self.port}/api/v1"


@pytest.fixture
def server(database: str, tmp_path: Path) -> Iterator[Server]:
    """A server on a free port of the loopback."""
    pool, hashing = Pool(reactor, database, 4), threads()
    blockon(Deferred.fromCoroutine(pool.start()))  # type: ignore[no-untyped-call]
    hashing.start()
    surface = Surface(frozenset(["http://127.0.0.1"]), secure=False)
    doors = root(pool, Argon2Passwords(reactor, hashing), surface, str(tmp_path))
    port = reactor.listenTCP(
        0, make_site(doors, reactor, surface.headers()), interface="127.0.0.1"
    )
    kept = HTTPConnectionPool(reactor, persistent=False)
    yield Server(port.getHost().port, HTTPClient(Agent(reactor, pool=kept)))
    blockon(port.stopListening())  # type: ignore[no-untyped-call]
    hashing.stop()
    pool.close()


async def test_a_person_comes_and_goes(server: Server) -> None:
    """Up, in, seen, out: over TCP, with argon2 and PostgreSQL."""
    page = Headers({"Origin": ["http://127.0.0.1"]})
    up = await server.http.post(f"{server.url}/accounts", json=ENTRY, headers=page)
    assert up.code == 201, await up.text()
    assert (await up.json())["balance"] == {"available": 5_000, "held": 0}

    again = await server.http.post(f"{server.url}/accounts", json=ENTRY, headers=page)
    assert again.code == 409
    entry = {**ENTRY, "token": True}
    in_ = await server.http.post(f"{server.url}/sessions", json=entry)
    bearer = f"Bearer {(await in_.json())['token']}"
    token = Headers({"Authorization": [bearer]})
    me = await server.http.get(f"{server.url}/me", headers=token)
    assert (await me.json())["phone"] == "+263771234567"
    listed = await server.http.get(f"{server.url}/conversations", headers=token)
    assert await listed.json() == {"conversations": []}

    out = await server.http.delete(f"{server.url}/sessions", headers=token)
    assert out.code == 204
    gone = await server.http.get(f"{server.url}/me", headers=token)
    assert gone.code == 401
    assert (await gone.json())["error"]["code"] == "not_signed_in"


class Flood(Protocol):
    """Sends a body without end, and keeps what comes back."""

    def __init__(self) -> None:
        self.received = b""
        self.sent = 0
        self.over: Deferred[None] = Deferred()

    def connectionMade(self) -> None:
        """Begins."""
        transport = cast(Any, self.transport)
        transport.write(
            b"POST /api/v1/answers HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Length: 209715200\r\n\r\n"
        )
        transport.registerProducer(self, False)

    def resumeProducing(self) -> None:
        """Another piece of the 200 MiB."""
        self.sent += 65_536
        cast(Any, self.transport).write(b"x" * 65_536)

    def stopProducing(self) -> None:
        """Stops."""

    def dataReceived(self, data: bytes) -> None:
        """What the server says."""
        self.received += data

    def connectionLost(self, reason: Failure = Failure(ConnectionError())) -> None:  # noqa: B008, ARG002
        """The server has had enough."""
        self.over.callback(None)


async def test_a_flood_is_told_and_cut(server: Server) -> None:
    """200 MiB of body: the client can read why, and little of it is taken."""
    flood = Flood()
    await connectProtocol(HostnameEndpoint(reactor, "127.0.0.1", server.port), flood)

    await flood.over

    assert flood.received.startswith(b"HTTP/1.1 413 ")
    assert b"too_large" in flood.received
    assert flood.sent < 20 * 2**20  # what the kernel's buffers hold, at most
