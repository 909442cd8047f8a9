"""HTTP connections of a node that is about to end."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from zimgpt.inbound.site import make_site
from zimgpt.inbound.visits import Visits

ASK = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"


class Slow(Resource):
    """Answers when it is told to."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.waiting: list[Request] = []

    def render(self, request: Request) -> int:
        """Not yet."""
        self.waiting.append(request)
        return NOT_DONE_YET

    def answer(self) -> None:
        """Now."""
        request = self.waiting.pop()
        request.write(b"Mhoro")
        request.finish()


class Street:
    """A site, those who come to it, and what each has heard."""

    def __init__(self) -> None:
        self.slow = Slow()
        self.visits = Visits()
        self.site = make_site(self.slow, Clock(), ())
        self.visits.watch(self.site)

    def come(self) -> tuple[Any, StringTransport]:
        """A connection: where its bytes go, and where the answers come out."""
        channel = self.site.buildProtocol(IPv4Address("TCP", "10.0.0.1", 9))
        transport = StringTransport(IPv4Address("TCP", "10.0.0.1", 9))
        channel.makeConnection(transport)
        return channel, transport


@pytest.fixture
def street() -> Street:
    """An empty one."""
    return Street()


def test_an_answer_under_way_is_given_and_is_the_last(street: Street) -> None:
    """Its connection says so, and is closed when it is out."""
    channel, transport = street.come()
    channel.dataReceived(ASK)
    street.visits.leave()
    assert (street.visits.open, street.visits.busy) == (1, 1)
    street.visits.hang_up()
    assert not transport.disconnecting

    street.slow.answer()

    assert b"\r\nConnection: close\r\n" in transport.value()
    assert b"Mhoro" in transport.value()
    assert transport.disconnecting
    assert street.visits.busy == 0


def test_a_request_that_was_on_its_way(street: Street) -> None:
    """A connection that is open is answered once more."""
    channel, transport = street.come()
    street.visits.leave()
    assert (street.visits.open, street.visits.busy) == (1, 0)

    channel.dataReceived(ASK)
    street.slow.answer()

    assert b"\r\nConnection: close\r\n" in transport.value()
    assert transport.disconnecting


def test_who_asks_nothing_is_hung_up_on(street: Street) -> None:
    """There is nothing to wait for."""
    channel, transport = street.come()
    street.visits.leave()

    street.visits.hang_up()
    channel.connectionLost(None)

    assert transport.disconnecting
    assert street.visits.open == 0


def test_before_that_connections_last(street: Street) -> None:
    """One request may follow another."""
    channel, transport = street.come()
    for _ in range(2):
        channel.dataReceived(ASK)
        street.slow.answer()

    assert b"Connection: close" not in transport.value()
    assert transport.value().count(b"Mhoro") == 2


def test_a_websocket_is_no_visit(street: Street) -> None:
    """It has taken the transport away, and has its own farewell."""
    channel, _ = street.come()
    channel.transport = None

    assert street.visits.open == 0
