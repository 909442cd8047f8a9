"""A websocket's other end on the running reactor, byte by byte as it is told."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, cast

import attrs
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@attrs.frozen
class Frame:
    """One frame from the server, and its bytes as they came."""

    opcode: int
    payload: bytes
    raw: bytes

    @property
    def code(self) -> int:
        """Why it closes."""
        return int.from_bytes(self.payload[:2])


class Visitor(Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self.head = b""
        self._waiting: Deferred[None] | None = None
        self.gone: Deferred[None] = Deferred()
        self.lost = False

    async def shake(self, headers: Mapping[str, str], protocols: str) -> int:
        """Asks to come in; returns the status."""
        lines = {
            "Host": "127.0.0.1",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": KEY,
            "Sec-WebSocket-Protocol": protocols,
            **headers,
        }
        said = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
        self.write(f"GET /ws HTTP/1.1\r\n{said}\r\n".encode())
        while b"\r\n\r\n" not in self._bytes:
            await self._more()
        head, _, rest = self._bytes.partition(b"\r\n\r\n")
        self._bytes, self.head = rest, bytes(head)
        return int(head.split(b" ", 2)[1])

    def write(self, data: bytes) -> None:
        """Any bytes."""
        cast(Any, self.transport).write(data)

    def send(self, opcode: int, payload: bytes) -> None:
        """One whole frame, masked with zeros."""
        size = len(payload)
        head = bytes((0x80 | opcode,))
        if size < 126:
            head += bytes((0x80 | size,))
        elif size < 65_536:
            head += struct.pack("!BH", 0x80 | 126, size)
        else:
            head += struct.pack("!BQ", 0x80 | 127, size)
        self.write(head + bytes(4) + payload)

    async def frame(self) -> Frame:
        """The next frame from the server."""
        size, skip = (await self._peek(2))[1], 2
        if size == 126:
            (size,), skip = struct.unpack("!H", (await self._peek(4))[2:]), 4
        elif size == 127:
            (size,), skip = struct.unpack("!Q", (await self._peek(10))[2:]), 10
        raw = await self._peek(skip + size)
        del self._bytes[: skip + size]
        return Frame(raw[0] & 0x0F, raw[skip:], raw)

    async def closing(self) -> int:
        """The code of the close frame that comes next; answers it, and is gone."""
        frame = await self.frame()
        assert frame.opcode == CLOSE, frame
        self.send(CLOSE, frame.payload[:2])
        await self.gone
        return frame.code

    def stop_reading(self) -> None:
        """Leaves what comes in the kernel's buffers."""
        cast(Any, self.transport).pauseProducing()

    def read_on(self) -> None:
        """Takes it."""
        cast(Any, self.transport).resumeProducing()

    async def leave(self) -> None:
        """Drops the connection, unless it is gone."""
        if not self.lost:
            cast(Any, self.transport).abortConnection()
        await self.gone

    async def _peek(self, size: int) -> bytes:
        while len(self._bytes) < size:
            await self._more()
        return bytes(self._bytes[:size])

    async def _more(self) -> None:
        assert not self.lost, f"the connection is gone, with {bytes(self._bytes)!r}"
        self._waiting = Deferred()
        await self._waiting

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def dataReceived(self, data: bytes) -> None:
        """Something from the server."""
        self._bytes += data
        self._wake()

    def connectionLost(self, reason: Failure = Failure(ConnectionError())) -> None:  # noqa: B008, ARG002
        """The end."""
        self.lost = True
        self.gone.callback(None)
        self._wake()


async def connect(port: int) -> Visitor:
    """A connection to a port of the loopback."""
    visitor = Visitor()
    await connectProtocol(HostnameEndpoint(reactor, "127.0.0.1", port), visitor)
    return visitor
