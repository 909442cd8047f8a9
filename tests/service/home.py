"""Nodes on the running reactor, a model to ask, and people who ask."""

from __future__ import annotations

import socket
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import attrs
import psycopg2
import treq
from twisted.application.service import IService
from twisted.internet import reactor as running
from twisted.web.client import Agent

from tests.fakes.openai import OpenAI
from tests.inbound.visitor import Visitor, connect
from zimgpt.cli.client import Client
from zimgpt.cli.dialogue import Dialogue, Outcome
from zimgpt.config import Config, Role, Upstream
from zimgpt.embedded import children
from zimgpt.service import make_service

reactor: Any = running
MODEL = "fake"
PASSWORD = "a long enough password"
PHONE = "0771234567"


class Way:
    """The way to a database, through a folder of its own: closed, open or silent."""

    def __init__(self, folder: Path, database: str) -> None:
        near = urlsplit(database)
        self._far = Path(near.query.removeprefix("host=").replace("%2F", "/"))
        self._near = folder / "pg"
        self._name = near.path.removeprefix("/")
        self._silent: socket.socket | None = None
        self.url = urlunsplit(near._replace(query=f"host={quote(str(self._near))}"))
        self._database = database

    def open(self) -> None:
        """Connections can be made."""
        self._near.symlink_to(self._far)

    def close(self) -> None:
        """None can be made, and those there are break."""
        self._near.unlink()
        query(
            self._database,
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = %s and pid <> pg_backend_pid()",
            self._name,
        )

    def fall_silent(self) -> None:
        """Connections can be made, and nobody answers, until ``end``."""
        self._near.mkdir()
        self._silent = socket.socket(socket.AF_UNIX)
        self._silent.bind(str(self._near / ".s.PGSQL.5432"))
        self._silent.listen()

    def end(self) -> None:
        """Leaves nothing."""
        if self._silent is not None:
            self._silent.close()


def query(database: str, sql: str, *params: object) -> list[tuple[Any, ...]]:
    """Rows, as the superuser reads them."""
    connection = psycopg2.connect(database)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, params or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@attrs.define
class Home:
    """A database with a price, a model, and the nodes that were made of them."""

    database: str
    model: OpenAI
    model_url: str
    nodes: list[IService] = attrs.Factory(list)
    agent: Agent = attrs.Factory(lambda: Agent(reactor))

    def node(self, **settings: Any) -> tuple[IService, str]:  # noqa: ANN401
        """A node that has been told to start, and where it will listen."""
        (port,) = children.free_ports(1)
        url = f"http://127.0.0.1:{port}"
        given: dict[str, Any] = {
            "node": "one",
            "roles": frozenset(Role),
            "listen": f"tcp:{port}:interface=127.0.0.1",
            "origins": (url,),
            "database_url": self.database,
            "database_connections": 3,
            "tick_ms": 20,
            "welcome_tokens": 1_000_000,
            "password_threads": 1,
            "models": (Upstream(MODEL, self.model_url, label="a demo"),),
        }
        node = make_service(Config(**(given | settings)), reactor)
        self.nodes.append(node)
        node.startService()
        return node, url

    async def stop(self, node: IService) -> None:
        """Returns when it has ended."""
        self.nodes.remove(node)
        stopping: Any = node.stopService()
        await stopping

    async def get(self, url: str) -> tuple[int, Any]:
        """Status and JSON of a page."""
        answer = await treq.get(url, agent=self.agent, persistent=False)
        return answer.code, await answer.json()

    async def sign_up(self, url: str) -> Client:
        """Somebody new, signed in by the terminal's own client."""
        body = {"phone": PHONE, "password": PASSWORD, "token": True}
        answer = await treq.post(
            f"{url}/api/v1/accounts", json=body, agent=self.agent, persistent=False
        )
        assert answer.code == 201, await answer.text()
        client = Client(reactor, url)
        await client.sign_in(PHONE, PASSWORD)
        return client

    async def visit(self, url: str) -> Visitor:
        """A greeted websocket of the one who has signed up, with a new session."""
        body = {"phone": PHONE, "password": PASSWORD, "token": True}
        answer = await treq.post(
            f"{url}/api/v1/sessions", json=body, agent=self.agent, persistent=False
        )
        headers = {"Authorization": f"Bearer {(await answer.json())['token']}"}
        visitor = await connect(int(url.rsplit(":", 1)[1]))
        assert await visitor.shake(headers, "zimgpt.v1") == 101
        await visitor.frame()
        return visitor

    def query(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        """Rows of its database."""
        return query(self.database, sql, *params)


@attrs.define
class Question:
    """A question of one client, asked as often as one likes."""

    client: Client
    text: str
    kind: str = "chat"
    id: str = attrs.Factory(lambda: str(uuid.uuid4()))
    shown: list[str | None] = attrs.Factory(list)

    async def ask(self) -> Outcome:
        """Asks and reads to the end."""
        asked = {"id": self.id, "kind": self.kind, "text": self.text}
        return await self.client.ask(Dialogue(asked, self.shown.append))
