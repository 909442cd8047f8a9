"""What a websocket's handshake says of who is there, and where."""

from __future__ import annotations

from typing import Final

from autobahn.websocket.types import ConnectionRequest

from zimgpt.inbound.addresses import Proxies
from zimgpt.inbound.identity import COOKIE

BEARER: Final = "bearer."

HANDSHAKE: Final = (
    "_transport_details",
    "_wskey",
    "http_headers",
    "http_request_data",
    "http_request_host",
    "http_request_params",
    "http_request_path",
    "http_request_uri",
    "http_response_data",
    "http_status_line",
    "websocket_extensions",
    "websocket_protocols",
)
"""What autobahn keeps of a handshake for as long as the socket lives: two kilobytes."""


def token_of(request: ConnectionRequest) -> tuple[str, bool]:
    """The session's token, and whether a program sent it rather than a browser.

    Browsers cannot set Authorization on a websocket; programs in a browser on
    another site pass their token as a second subprotocol.
    """
    for protocol in request.protocols:
        if protocol.startswith(BEARER):
            return protocol.removeprefix(BEARER), True
    authorization = request.headers.get("authorization", "")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return token.strip(), True
    return _cookie(request.headers.get("cookie", "")), False


def _cookie(header: str) -> str:
    """Our cookie among others; the odd ones, that a parser stops at, are not ours."""
    for cookie in header.split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE.decode():
            return value
    return ""


def address_of(request: ConnectionRequest, peer: str, proxies: Proxies) -> str | None:
    """Where it comes from; None for our own machines. ``peer`` is the other end of the
    wire. autobahn joins headers of one name with commas."""
    forwarded = request.headers.get("x-forwarded-for")
    return proxies.client(peer, () if forwarded is None else (forwarded,))
