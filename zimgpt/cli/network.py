"""The news that this machine has a network again, where its system tells.

Linux tells every program that asks (man 7 rtnetlink): a socket gets a message for each
address and each route that appears. Elsewhere there is no news, and nobody waits longer
than without it.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFDSet, IReactorTime, IReadDescriptor
from zope.interface import implementer

NEW_ADDRESS: Final = 20
NEW_ROUTE: Final = 24
GROUPS: Final = 0x10 | 0x40 | 0x100 | 0x400
"""Addresses and routes, of IPv4 and IPv6."""

HEAD: Final = struct.Struct("=IHHII")
"""Length with this head, type, flags, number, sender; the next one begins at a multiple
of four bytes."""

ONE_READ: Final = 65_536


class News:
    """Whoever waits for a network; ``came`` is called by what brings the news."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._waiting: list[Deferred[None]] = []

    def came(self) -> None:
        """There is an address or a way out that was not there before."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.callback(None)

    async def wait(self, seconds: float) -> bool:
        """Returns after so many seconds, or when there is news; whether there was."""
        woken: Deferred[None] = Deferred()
        self._waiting.append(woken)
        alarm = self._clock.callLater(seconds, self._late, woken)
        await woken
        if not alarm.active():
            return False
        alarm.cancel()
        return True

    def _late(self, woken: Deferred[None]) -> None:
        self._waiting.remove(woken)
        woken.callback(None)


def appeared(messages: bytes) -> bool:
    """Whether a read of the kernel's messages tells of a new address or route."""
    return any(kind in (NEW_ADDRESS, NEW_ROUTE) for kind in _kinds(messages))


def _kinds(messages: bytes) -> Iterator[int]:
    while len(messages) >= HEAD.size:
        size, kind, *_ = HEAD.unpack_from(messages)
        yield kind
        messages = messages[max((size + 3) & ~3, HEAD.size) :]


def listening() -> socket.socket | None:
    """A socket that gets the kernel's messages; None where there is no such thing."""
    family = getattr(socket, "AF_NETLINK", None)
    if family is None:
        return None
    try:
        line = socket.socket(family, socket.SOCK_RAW)
    except OSError:  # not allowed, in some sandboxes
        return None
    try:
        line.bind((0, GROUPS))
    except OSError:
        line.close()
        return None
    line.setblocking(False)
    return line


@contextmanager
def watched(reactor: IReactorFDSet, came: Callable[[], None]) -> Iterator[None]:
    """Within, ``came`` is called whenever this machine gets a network, if it tells."""
    line = listening()
    if line is None:
        yield
        return
    kernel = Kernel(reactor, line, came)
    try:
        yield
    finally:
        kernel.close()


@implementer(IReadDescriptor)
class Kernel:
    """Brings a socket's messages to whoever has to know; ``close`` ends it."""

    def __init__(
        self, reactor: IReactorFDSet, line: socket.socket, came: Callable[[], None]
    ) -> None:
        self._reactor = reactor
        self._line = line
        self._came = came
        reactor.addReader(self)

    def close(self) -> None:
        """Listens no more."""
        self._reactor.removeReader(self)
        self._line.close()

    def fileno(self) -> int:
        """The reactor's."""
        return self._line.fileno()

    def logPrefix(self) -> str:
        """The reactor's."""
        return "network"

    def connectionLost(self, _reason: object) -> None:
        """The reactor gives up: there is no more news."""
        self._line.close()

    def doRead(self) -> None:
        """The reactor's: something has come."""
        try:
            messages = self._line.recv(ONE_READ)
        except BlockingIOError:
            return
        except OSError:  # more than its queue holds: something has changed
            self._came()
            return
        if appeared(messages):
            self._came()
