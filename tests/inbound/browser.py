"""A client on an in-memory connection to the real server."""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping
from typing import Any

import attrs
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.resource import IResource

from zimgpt.inbound.site import Site, make_site
from zimgpt.inbound.surface import Surface

ORIGIN = "https://zimgpt.example"
SURFACE = Surface(origins=frozenset([ORIGIN]), secure=True)


@attrs.frozen
class Answer:
    """A response."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401
        """The body."""
        return json_module.loads(self.body)

    @property
    def code(self) -> str:
        """What a program reads of an error."""
        error = self.json["error"]
        assert {*error} == {"code", "message"}
        assert error["message"][0].isupper()
        assert "Traceback" not in self.body.decode()
        return str(error["code"])

    def header(self, name: str) -> str | None:
        """The only value of a header."""
        values = self.headers.get(name.lower(), [])
        assert len(values) < 2, values
        return values[0] if values else None


class Connection:
    """Bytes to the server and back."""

    def __init__(self, site: Site) -> None:
        self.transport = StringTransport(
            peerAddress=IPv4Address("TCP", "192.0.2.1", 50_000)
        )
        peer = self.transport.getPeer()
        protocol: Any = site.buildProtocol(peer)
        assert protocol is not None
        self.channel = protocol
        self.channel.makeConnection(self.transport)

    def send(self, data: bytes) -> None:
        """What the client writes."""
        self.channel.dataReceived(data)

    @property
    def closed(self) -> bool:
        """Whether the server hung up, politely or not."""
        return bool(self.transport.disconnecting or self.transport.disconnected)

    def answers(self) -> list[Answer]:
        """Everything that came back until now."""
        left = self.transport.value()
        found = []
        while left:
            answer, left = _parse(left)
            found.append(answer)
        return found

    def answer(self) -> Answer:
        """The only response."""
        [answer] = self.answers()
        return answer


def _parse(data: bytes) -> tuple[Answer, bytes]:
    head, rest = data.split(b"\r\n\r\n", 1)
    first, *lines = head.decode("latin-1").split("\r\n")
    status = int(first.split(" ")[1])
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, value = line.split(": ", 1)
        headers.setdefault(name.lower(), []).append(value)
    if headers.get("transfer-encoding") == ["chunked"]:
        body = b""
        while True:
            size, rest = rest.split(b"\r\n", 1)
            chunk, rest = rest[: int(size, 16)], rest[int(size, 16) + 2 :]
            if not chunk:
                return Answer(status, headers, body), rest
            body += chunk
    length = int(headers.get("content-length", ["0"])[0])
    return Answer(status, headers, rest[:length]), rest[length:]


class Browser:
    """Asks as one person's browser or program would."""

    def __init__(self, root: IResource, surface: Surface = SURFACE) -> None:
        self.clock = Clock()
        self.site = make_site(root, self.clock, surface.headers())
        self.headers: dict[str, str] = {}

    def connect(self) -> Connection:
        """A new connection."""
        return Connection(self.site)

    def begin(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Connection:
        """Sends a request; what is given as None is left out of the headers."""
        if json is not None:
            body = json_module.dumps(json).encode()
        sent: dict[str, str | None] = {"Host": "zimgpt.example", **self.headers}
        if body is not None:
            sent |= {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
            }
        sent |= headers or {}
        lines = [f"{method} {path} HTTP/1.1"]
        lines += [
            f"{name}: {value}" for name, value in sent.items() if value is not None
        ]
        connection = self.connect()
        head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
        connection.send(head + b"\r\n\r\n" + (body or b""))
        return connection

    def ask(self, method: str, path: str, **parts: Any) -> Answer:  # noqa: ANN401
        """A request and its response, which must be there at once."""
        return self.begin(method, path, **parts).answer()
