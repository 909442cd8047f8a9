"""The fake upstream on loopback, and a client of it that a test may ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import attrs
from twisted.internet.task import deferLater

from tests.fakes.openai import OpenAI
from zimgpt.domain.questions import Message
from zimgpt.flows.ports import Report, Source
from zimgpt.outbound.connections import Connections
from zimgpt.outbound.openai import OpenAIModel

KEY = "sk-very-secret"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Taking:
    """A sink that takes at once; ``then`` is called at each reading with the text."""

    def __init__(self, then: Callable[[Source, str], None] | None = None) -> None:
        self.text = ""
        self.source: Source
        self._then = then

    def opened(self, source: Source) -> None:
        """The model has begun to answer."""
        self.source = source

    def ready(self) -> None:
        """Takes it."""
        self.text += self.source.take()
        if self._then is not None:
            self._then(self.source, self.text)


@attrs.define
class Upstream:
    """The fake, and a client of it."""

    fake: OpenAI
    model: OpenAIModel
    connections: Connections

    async def ask(
        self, question: str, sink: Taking | None = None, most: int = 1000
    ) -> tuple[str, Report]:
        """The text of an answer and its report."""
        sink = sink or Taking()
        report = await self.model.write((Message("user", question),), most, sink)
        return sink.text + sink.source.take(), report

    async def quiet(self) -> None:
        """Waits until the fake knows that no stream is open."""
        from twisted.internet import reactor

        while self.fake.open:
            await deferLater(reactor, 0.01, lambda: None)
