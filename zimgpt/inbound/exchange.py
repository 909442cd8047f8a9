"""A request that is whole, and its answer."""

# Methods that ours inherit from Twisted have no annotations.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web import server

from zimgpt.domain.errors import BadRequest
from zimgpt.domain.rates import TooFast
from zimgpt.inbound.channel import WEBHOOKS
from zimgpt.inbound.dialects import refused
from zimgpt.inbound.refusals import Broken, TooLarge

if TYPE_CHECKING:
    from zimgpt.inbound.channel import Channel

log = Logger()

HOST: Final = re.compile(
    rb"(?:[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*|\[[0-9A-Fa-f:.]{2,45}\])"
    rb"(?::[0-9]{1,5})?"
)


class Exchange(server.Request):
    """A request and its answer."""

    defaultContentType = None
    channel: Channel
    _size = 0
    _since = 0.0

    def gotLength(self, length: int | None) -> None:  # noqa: ARG002
        """Keeps the body in memory: it is small."""
        self.content = BytesIO()

    def handleContentChunk(self, data: bytes) -> None:
        """Counts what a client sends without saying how much it will be."""
        self._size += len(data)
        if self._size > self.channel.largest:
            self.channel.refuse(TooLarge())
        else:
            super().handleContentChunk(data)

    def process(self) -> None:
        """Finds and renders the resource."""
        self.site = self.channel.site
        self._since = self.channel.site.reactor.seconds()
        for name, value in self.channel.site.headers:
            self.setHeader(name, value)
        gate = self.channel.site.gate
        try:
            if not self.path.startswith(
                WEBHOOKS
            ):  # all of them come from few addresses
                gate.request(gate.address(self))
            if not self._well_formed():
                raise BadRequest
        except (BadRequest, TooFast) as refusal:
            self.write(refused(self, refusal))
            self.finish()
        else:
            super().process()

    def write(self, data: bytes) -> None:
        """Sends a part of the answer; its first also sends the headers."""
        if not self.startedWriting:
            self.responseHeaders.removeHeader(b"Server")
        super().write(data)

    def finish(self) -> None:
        """The answer is whole."""
        site = self.channel.site
        took = site.reactor.seconds() - self._since
        site.answered.note(self.code, took, webhook=self.path.startswith(WEBHOOKS))
        super().finish()

    def processingFailed(self, reason: Failure) -> Failure:
        """Says that something went wrong, and nothing more."""
        log.failure("a request went wrong", reason)
        if self.startedWriting:
            self.loseConnection()
        else:
            self.write(refused(self, Broken()))
            self.finish()
        return reason

    def _well_formed(self) -> bool:
        """A path of UTF-8, without the host, which is named once."""
        hosts = self.requestHeaders.getRawHeaders(b"Host", [])
        if len(hosts) > 1 or (not hosts and self.clientproto == b"HTTP/1.1"):
            return False
        if hosts and not HOST.fullmatch(hosts[0]):
            return False
        path = unquote_to_bytes(self.path)
        try:
            path.decode()
        except UnicodeDecodeError:
            return False
        return path.startswith(b"/") and b"\x00" not in path
