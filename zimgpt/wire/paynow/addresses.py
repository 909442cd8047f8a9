"""Addresses that the gateway gives us, taken only if they are its own.

Whoever could name us an address would make this server ask there, inside its own
network or at a place that says Paid.
"""

from __future__ import annotations

import re
from typing import Final

_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]{1,253})(?::(?P<port>[0-9]{1,5}))?"
    r"/[A-Za-z0-9/_.~%?=&+@:,;!$'()*-]{0,1500}",
    re.ASCII | re.IGNORECASE,
)


class StrangeAddress(Exception):  # noqa: N818 - named for what came
    """The gateway named an address that is not its own."""


def own(address: str, gateway: str) -> str:
    """The address, if it is on the gateway's host; raises StrangeAddress.

    ``gateway`` is where we ask it, as it is configured: the same scheme, port and host,
    with or without ``www.`` in front.
    """
    if _origin(address) != _origin(gateway.rstrip("/") + "/"):
        raise StrangeAddress
    return address


def _origin(address: str) -> tuple[str, str, str]:
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise StrangeAddress
    scheme = found["scheme"].lower()
    usual = "443" if scheme == "https" else "80"
    return scheme, found["host"].lower().removeprefix("www."), found["port"] or usual
