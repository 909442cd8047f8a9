"""News of a network, and what a client that waits for one makes of it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from zimgpt.cli import network
from zimgpt.cli.network import News, appeared

LINK, ADDRESS, GONE, ROUTE = 16, 20, 21, 24
"""Kinds of messages, from linux/rtnetlink.h."""


def message(kind: int, body: bytes = b"four") -> bytes:
    """One as the kernel writes it."""
    head = struct.pack("=IHHII", 16 + len(body), kind, 0, 1, 0)
    return head + body + bytes(-len(body) % 4)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (message(ADDRESS), True),
        (message(ROUTE), True),
        (message(GONE) + message(LINK, b"odd size.") + message(ADDRESS), True),
        (message(GONE) + message(LINK), False),
        (b"", False),
        (message(ADDRESS)[:9], False),
        (bytes(40), False),
    ],
)
def test_an_address_or_a_route_is_news(messages: bytes, expected: bool) -> None:
    """What goes, and what is cut short or means nothing, wakes nobody."""
    assert appeared(messages) is expected


def test_news_ends_a_wait_at_once() -> None:
    """Whoever waits is told by which of the two it was woken, and no timer is left."""
    clock = Clock()
    news = News(clock)
    woken: list[bool] = []
    for _ in range(2):
        Deferred.fromCoroutine(news.wait(10.0)).addCallback(woken.append)

    clock.advance(3)
    news.came()

    assert woken == [True, True]
    assert clock.getDelayedCalls() == []


def test_a_wait_without_news_ends_in_its_time() -> None:
    """Nothing is different where no system tells."""
    clock = Clock()
    news = News(clock)
    woken: list[bool] = []
    Deferred.fromCoroutine(news.wait(10.0)).addCallback(woken.append)

    clock.advance(9.9)
    assert woken == []
    clock.advance(0.2)
    news.came()

    assert woken == [False]


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The other end of the socket that is listened to."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.setblocking(False)
    monkeypatch.setattr(network, "listening", lambda: ours)
    yield theirs
    theirs.close()
    ours.close()


async def test_what_the_kernel_says_arrives(kernel: socket.socket) -> None:
    """While somebody watches, the reactor brings each message that is news."""
    came: list[None] = []
    told: Deferred[None] = Deferred()

    def note() -> None:
        came.append(None)
        if len(came) == 2:
            told.callback(None)

    with network.watched(reactor, note):
        for kind in (GONE, ADDRESS, LINK, ROUTE):
            kernel.send(message(kind))
        await told

    assert len(came) == 2
    assert network.listening().fileno() == -1  # type: ignore[union-attr]


def test_a_machine_that_tells_nothing_is_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No such sockets, or none for us: waits are as long as they were."""
    with monkeypatch.context() as patch:
        patch.delattr(socket, "AF_NETLINK", raising=False)
        with network.watched(reactor, lambda: None):
            assert network.listening() is None

    def refuse(*_: object) -> socket.socket:
        raise PermissionError

    monkeypatch.setattr(socket, "socket", refuse)
    assert network.listening() is None
