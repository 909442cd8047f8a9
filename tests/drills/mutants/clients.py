"""Nodes without one of the limits that keep clients from taking all there is, and
nodes that keep them in less time than people are given."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from twisted.web.http import HTTPChannel

from zimgpt.inbound import channel, site, websocket
from zimgpt.inbound.channel import Channel
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.sockets import SocketFactory
from zimgpt.inbound.websocket import Socket
from zimgpt.wire import strict

BRISK = 2.0
"""Seconds instead of the 20 and 30 that clients have, where nobody can wait."""


def brisk() -> None:
    """Nothing is wrong, but everything happens sooner."""
    websocket.STALLED = BRISK  # type: ignore[misc]
    channel.READ_WITHIN = int(BRISK)  # type: ignore[misc]
    site.IDLE = int(BRISK)  # type: ignore[misc]


def open_door() -> None:
    """Everybody may connect."""
    Gate.connected = lambda *_: True  # type: ignore[method-assign]


def bottomless() -> None:
    """Whatever a client does not read is kept for it."""
    brisk()

    def write(self: Socket, data: bytes) -> None:
        self.transport.write(data)

    def pause(self: Socket) -> None:
        """Does not care."""

    Socket._write = write  # type: ignore[method-assign]
    Socket.pauseProducing = pause  # type: ignore[method-assign]


def any_frame() -> None:
    """Frames and messages of any size and number."""
    factory: Any = SocketFactory
    options = factory.setProtocolOptions

    def set_options(self: SocketFactory, **given: Any) -> None:  # noqa: ANN401
        options(self, **given | {"maxFramePayloadSize": 0, "maxMessagePayloadSize": 0})

    factory.setProtocolOptions = set_options
    websocket.PARTS = 2**31  # type: ignore[misc]


def gullible() -> None:
    """Messages are decoded as they come, and slowly when they are nested."""
    room: Any = strict
    decode = room.decode

    def trusting(decoder: object, payload: bytes, **more: object) -> object:
        if payload.count(b"[") > 1000:
            time.sleep(0.2)
            raise RecursionError
        return decode(decoder, payload, **more)

    room.decode = trusting


def patient() -> None:
    """A byte now and then keeps a request alive, as Twisted has it."""
    brisk()
    received: Any = HTTPChannel.dataReceived
    Channel.dataReceived = lambda self, data: received(self, data)  # type: ignore[method-assign]


def obliging() -> None:
    """Requests are parsed as Twisted does it, and bodies may have any size."""
    Channel.allHeadersReceived = HTTPChannel.allHeadersReceived  # type: ignore[method-assign]
    Channel.lineReceived = HTTPChannel.lineReceived  # type: ignore[method-assign]
    channel.LARGEST = 2**40  # type: ignore[misc]


MUTANTS: Mapping[str, Callable[[], None]] = {
    "brisk": brisk,
    "open-door": open_door,
    "bottomless": bottomless,
    "any-frame": any_frame,
    "gullible": gullible,
    "patient": patient,
    "obliging": obliging,
}
