"""A websocket from the client's side, on a plain blocking socket.

It counts every byte it is sent, and can send what no decent client would.
"""

from __future__ import annotations

import base64
import os
import socket
import struct
import time
from collections.abc import Mapping, Sequence

PATIENCE = 60.0  # seconds for the next message, which takes a few at most
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):  # noqa: N818
    """The handshake was answered with a status other than 101."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Closed(Exception):  # noqa: N818
    """The server closed the socket; ``code`` is None if it only dropped it."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


class Silent(Exception):  # noqa: N818
    """Nothing came in time."""


class WebSocket:
    """One connection; raises Refused if it is not let in.

    ``link`` is one that has been made already, to a proxy in front of the node.
    """

    def __init__(
        self,
        port: int,
        headers: Mapping[str, str],
        protocols: Sequence[str] = ("zimgpt.v1",),
        link: socket.socket | None = None,
    ) -> None:
        self.received = 0
        self._bytes = bytearray()
        # There before it is connected: who is refused is forgotten like all others.
        self._socket = link or socket.socket()
        self._socket.settimeout(PATIENCE)
        if link is None:
            self._socket.connect(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._shake(port, headers, protocols)

    def __del__(self) -> None:
        """Nobody needs to close it."""
        self._socket.close()

    def send(self, text: str | bytes) -> None:
        """One text message."""
        self.send_frame(TEXT, text.encode() if isinstance(text, str) else text)

    def send_frame(self, opcode: int, payload: bytes, *, final: bool = True) -> None:
        """One frame, masked with zeros."""
        head = bytes((opcode | (0x80 if final else 0),))
        size = len(payload)
        if size < 126:
            head += bytes((0x80 | size,))
        elif size < 65_536:
            head += struct.pack("!BH", 0x80 | 126, size)
        else:
            head += struct.pack("!BQ", 0x80 | 127, size)
        try:
            self._socket.sendall(head + bytes(4) + payload)
        except OSError:
            raise Closed(None) from None

    def receive(self, timeout: float = PATIENCE) -> bytes:
        """The next text message; raises Closed, or Silent after ``timeout`` seconds."""
        until = time.monotonic() + timeout
        while True:
            opcode, payload = self._frame(until)
            match opcode:
                case 1:
                    return payload
                case 8:
                    code = struct.unpack("!H", payload[:2])[0] if payload else None
                    self.drop()
                    raise Closed(code)
                case 9:
                    self.send_frame(PONG, payload)

    def drop(self) -> None:
        """Ends the connection as a phone in a tunnel does: at once, and not nicely."""
        self._socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self._socket.close()

    def _shake(
        self, port: int, headers: Mapping[str, str], protocols: Sequence[str]
    ) -> None:
        lines = {
            "Host": f"127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Protocol": ", ".join(protocols),
            **headers,
        }
        said = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._socket.sendall(f"GET /ws HTTP/1.1\r\n{said}\r\n".encode())
        until = time.monotonic() + PATIENCE
        while b"\r\n\r\n" not in self._bytes:
            self._more(until)
        status = int(self._bytes.split(b" ", 2)[1])
        if status != 101:
            self._socket.close()
            raise Refused(status)
        del self._bytes[: self._bytes.index(b"\r\n\r\n") + 4]
        self.received = len(self._bytes)

    def _frame(self, until: float) -> tuple[int, bytes]:
        head = self._peek(2, until)
        size, skip = head[1] & 0x7F, 2
        if size == 126:
            (size,), skip = struct.unpack("!H", self._peek(4, until)[2:]), 4
        elif size == 127:
            (size,), skip = struct.unpack("!Q", self._peek(10, until)[2:]), 10
        whole = self._peek(skip + size, until)
        del self._bytes[: skip + size]
        return head[0] & 0x0F, whole[skip:]

    def _peek(self, size: int, until: float) -> bytes:
        while len(self._bytes) < size:
            self._more(until)
        return bytes(self._bytes[:size])

    def _more(self, until: float) -> None:
        self._socket.settimeout(max(until - time.monotonic(), 0.001))
        try:
            some = self._socket.recv(65_536)
        except TimeoutError:
            raise Silent from None
        except OSError:
            raise Closed(None) from None
        if not some:
            raise Closed(None)
        self.received += len(some)
        self._bytes += some
