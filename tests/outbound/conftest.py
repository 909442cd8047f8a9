"""What the tests of outbound clients share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_twisted
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher
from zope.interface import implementer

from tests.fakes.openai import OpenAI, listen
from tests.outbound.reading import Reading
from tests.outbound.upstream import KEY, NOW, Upstream
from zimgpt.outbound.connections import Connections
from zimgpt.outbound.openai import OpenAIModel
from zimgpt.outbound.openai_stream import Limits


@pytest.fixture
def reading() -> Reading:
    """A stream whose headers have just come."""
    return Reading()


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def upstream() -> AsyncIterator[Upstream]:
    """One fake upstream with a key, and a model with limits that are short, though
    not for a busy machine."""
    from twisted.internet import reactor

    fake = OpenAI(reactor, key=KEY)
    listening, url = listen(fake)
    connections = Connections(reactor)
    model = OpenAIModel(
        name="small",
        url=url,
        http=connections.http,
        clock=reactor,
        now=lambda: NOW,
        key=KEY,
        limits=Limits(first_byte=2, idle=1.5, whole=15),
    )
    yield Upstream(fake, model, connections)
    await connections.close()
    stopped: Any = listening.stopListening()
    await stopped


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Everything that is logged meanwhile, as a reader sees it."""
    lines: list[str] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        lines.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)
