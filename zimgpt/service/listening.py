"""Opening the doors of a node, of its own or handed over by whoever started it."""

from __future__ import annotations

import struct
from socket import SO_RCVTIMEO, SOL_SOCKET
from typing import Any, Final

from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IListeningPort, IProtocolFactory

AT_MOST: Final = struct.pack("@ll", 0, 1_000)
"""The longest that accepting may wait: a thousandth of a second, as a timeval."""


class NotHandedOver(Exception):  # noqa: N818
    """There is no such socket among those that systemd has handed over."""


async def listen(
    reactor: Any,  # noqa: ANN401
    described: str,
    factory: IProtocolFactory,
) -> IListeningPort:
    """Listens at an endpoint; raises NotHandedOver, CannotListenError."""
    try:
        endpoint = serverFromString(reactor, described)
    except LookupError:
        raise NotHandedOver(f"systemd has handed over no {described}") from None
    port: IListeningPort = await endpoint.listen(factory)
    never_wait(port)
    return port


def never_wait(port: Any) -> None:  # noqa: ANN401 - a port of whatever kind
    """Lets no accept wait, even if the socket is made to block.

    Whether it blocks is one fact for all processes that share it, and systemd makes it
    block when it starts another of them, unless the unit says ``NonBlocking=yes``. A
    reactor would stand still in its next accept until somebody came. See socket(7).
    """
    listening = getattr(port, "socket", None)
    if listening is not None:
        listening.setsockopt(SOL_SOCKET, SO_RCVTIMEO, AT_MOST)
