"""A stream of which a test plays both ends: the network, and the sink."""

from __future__ import annotations

import json
from typing import Any

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone

from zimgpt.flows.ports import ModelUnreachable, Report, Source
from zimgpt.outbound.openai_stream import Limits, Stream

DONE = b"data: [DONE]\n\n"
USE = b'data: {"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n'


def said(content: str, finish: str | None = None) -> bytes:
    """An event with a piece of text."""
    choice = {"delta": {"content": content}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def connect(protocol: Any) -> StringTransport:  # noqa: ANN401 - untyped in Twisted
    """Gives a protocol its connection."""
    transport = StringTransport()
    protocol.makeConnection(transport)
    return transport


class Reading:
    """A stream of which a test plays both the network and the sink."""

    def __init__(self, since: float = 0.0, *, pausing: bool = False) -> None:
        self.clock = Clock()
        self.clock.advance(100 + since)
        self.sources: list[Source] = []
        self.calls = 0
        self.reports: list[Report | Failure] = []
        self._pausing = pausing
        limits = Limits(first_byte=30, idle=20, whole=300)
        self.stream = Stream(self, self.clock, limits, since=100)
        self.stream.ended.addBoth(self.reports.append)
        self.transport = connect(self.stream)

    def opened(self, source: Source) -> None:
        """The model has begun to answer."""
        self.sources.append(source)
        if self._pausing:
            source.pause()

    def ready(self) -> None:
        """Something can be taken."""
        self.calls += 1

    def end(self, reason: Exception | None = None) -> None:
        """The response is over."""
        self.stream.connectionLost(Failure(reason or ResponseDone()))

    @property
    def hung_up(self) -> bool:
        """The connection was closed from here."""
        return self.transport.disconnecting

    @property
    def refusal(self) -> str:
        """Why no word was written."""
        (failure,) = self.reports
        assert isinstance(failure, Failure)
        assert failure.check(ModelUnreachable)
        return failure.getErrorMessage()
