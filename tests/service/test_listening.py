"""Sockets that a node listens at, and may share with others."""

from __future__ import annotations

import os
from socket import SO_RCVTIMEO, SOL_SOCKET
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.protocol import Factory

from zimgpt.service.listening import AT_MOST, NotHandedOver, listen


async def test_a_socket_that_others_make_to_block_stops_nobody() -> None:
    """Accepting where nobody is comes back at once, as a reactor needs it."""
    described = "tcp:0:interface=127.0.0.1"
    port: Any = await listen(reactor, described, Factory())
    try:
        os.set_blocking(port.fileno(), True)

        kept = port.socket.getsockopt(SOL_SOCKET, SO_RCVTIMEO, len(AT_MOST))
        assert 0 < int.from_bytes(kept[8:], "little") <= 10_000  # microseconds
        with pytest.raises(BlockingIOError):
            port.socket.accept()
    finally:
        await port.stopListening()


async def test_a_socket_that_was_not_handed_over_is_named() -> None:
    """Whoever reads the log learns which one is missing."""
    with pytest.raises(NotHandedOver, match="index=9"):
        await listen(reactor, "systemd:domain=INET:index=9", Factory())
