"""What a supervisor like systemd is told of a node (``sd_notify``, ``Type=notify``)."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from twisted.logger import Logger

READY = "READY=1"
STOPPING = "STOPPING=1"

log = Logger()


def tell(state: str, environ: Mapping[str, str] = os.environ) -> None:
    """Tells it, if there is one that wants to know."""
    place = environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    if place.startswith("@"):  # a name outside of the file system
        place = "\0" + place[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.connect(place)
            line.send(state.encode())
    except OSError as error:
        log.warn("the supervisor cannot be told: {error}", error=error)
