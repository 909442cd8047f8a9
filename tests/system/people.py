"""People who use a node from outside, over HTTP and websockets."""

from __future__ import annotations

import http.client
import json
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import attrs

from tests.system.talking import Talk
from tests.system.websocket import WebSocket

Json = dict[str, Any]
PASSWORD = "a long enough password"
PATIENCE = 60.0  # seconds

_numbers = count(1)


def new_number() -> str:
    """A mobile number that nobody has yet."""
    return f"07712{next(_numbers):05}"


@attrs.frozen
class Reply:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever it is
        """What the body says."""
        return json.loads(self.body)


def call(
    url: str,
    method: str,
    path: str,
    body: Json | bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Reply:
    """One HTTP request on a connection of its own."""
    place = urlsplit(url)
    assert place.hostname
    connection = http.client.HTTPConnection(place.hostname, place.port, PATIENCE)
    sent = {"Content-Type": "application/json"} if body is not None else {}
    raw = json.dumps(body).encode() if isinstance(body, dict) else body
    try:
        connection.request(method, path, raw, sent | (headers or {}))
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, names, answer.read())
    finally:
        connection.close()


@attrs.frozen
class Person:
    """Somebody with a session; ``url`` is the node they use."""

    url: str
    phone: str
    token: str

    @classmethod
    def sign_up(cls, url: str) -> Person:
        """A new account."""
        phone = new_number()
        body = {"phone": phone, "password": PASSWORD, "token": True}
        reply = call(url, "POST", "/api/v1/accounts", body)
        assert reply.status == 201, reply
        return cls(url, phone, reply.json["token"])

    def at(self, url: str) -> Person:
        """The same session at another node."""
        return attrs.evolve(self, url=url)

    def call(self, method: str, path: str, body: Json | bytes | None = None) -> Reply:
        """One request with the bearer token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return call(self.url, method, path, body, headers)

    def balance(self) -> tuple[int, int]:
        """Tokens available and held."""
        balance = self.call("GET", "/api/v1/me").json["balance"]
        return balance["available"], balance["held"]

    def connect(self) -> Talk:
        """A websocket that has been greeted."""
        port = urlsplit(self.url).port
        assert port
        talk = Talk(WebSocket(port, {"Authorization": f"Bearer {self.token}"}))
        talk.until(lambda message: message.get("type") == "balance")
        return talk
