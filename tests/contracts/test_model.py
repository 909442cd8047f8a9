"""What any model must do, of the fake upstream and of a real one.

The fake is trusted because the same promises are kept by a real server: set
ZIMGPT_TEST_MODEL_URL (and ZIMGPT_TEST_MODEL, ZIMGPT_TEST_MODEL_KEY) to run them
against one; that costs a few hundred of its tokens.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from tests.fakes.openai import OpenAI, listen
from tests.fakes.openai_script import text as words
from zimgpt.domain.answers import Finish
from zimgpt.domain.ledger import Usage
from zimgpt.domain.questions import Message
from zimgpt.flows.ports import Model, Report, Source
from zimgpt.outbound.connections import Connections
from zimgpt.outbound.openai import OpenAIModel

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam

QUESTION = "Tell me a story of a lion in two paragraphs, please. words:60 delay:2"


def _upstreams() -> list[str]:
    return ["fake", "real"] if "ZIMGPT_TEST_MODEL_URL" in os.environ else ["fake"]


@pytest_twisted.async_yield_fixture(params=_upstreams())  # type: ignore[untyped-decorator]
async def model(request: pytest.FixtureRequest) -> AsyncIterator[Model]:
    """A model of each upstream there is."""
    from twisted.internet import reactor

    listening, url = listen(OpenAI(reactor))
    name = "small"
    if request.param == "real":
        url = os.environ["ZIMGPT_TEST_MODEL_URL"]
        name = os.environ.get("ZIMGPT_TEST_MODEL", name)
    connections = Connections(reactor)
    yield OpenAIModel(
        name=name,
        url=url,
        http=connections.http,
        clock=reactor,
        now=lambda: datetime.now(UTC),
        key=os.environ.get("ZIMGPT_TEST_MODEL_KEY", ""),
    )
    await connections.close()
    stopped: Any = listening.stopListening()
    await stopped


class Listener:
    """Takes at each call, and then does what a test wants."""

    def __init__(self, then: Callable[[Source, int], None] | None = None) -> None:
        self.pieces: list[str] = []
        self.source: Source
        self._then = then

    def opened(self, source: Source) -> None:
        """The model has begun to answer."""
        assert not self.pieces
        self.source = source

    def ready(self) -> None:
        """Takes it."""
        if piece := self.source.take():
            self.pieces.append(piece)
        if self._then is not None:
            self._then(self.source, len(self.pieces))


async def ask(model: Model, listener: Listener, most: int = 200) -> tuple[str, Report]:
    """The whole text and the report."""
    prompt = (Message("system", "You tell stories."), Message("user", QUESTION))
    report = await model.write(prompt, most, listener)
    return "".join(listener.pieces) + listener.source.take(), report


async def test_an_answer_comes_in_pieces_with_its_use(model: Model) -> None:
    """Text before the end, a finish, and whole numbers of tokens."""
    listener = Listener()

    text, report = await ask(model, listener)

    assert len(listener.pieces) > 1
    assert report.finish in (Finish.STOP, Finish.LENGTH)
    assert report.usage is not None
    assert 0 < report.usage.completion <= 200
    assert report.usage.prompt > 0
    assert text.strip()


async def test_the_limit_is_kept(model: Model) -> None:
    """No more than was held for is written, and the finish says so."""
    text, report = await ask(model, Listener(), most=8)

    assert report.finish is Finish.LENGTH
    assert report.usage is not None
    assert report.usage.completion <= 8
    assert text


async def test_a_stopped_answer_keeps_its_beginning(model: Model) -> None:
    """STOPPED, with what was written until then."""

    def stop(source: Source, pieces: int) -> None:
        if pieces == 3:
            source.abort()

    listener = Listener(stop)

    text, report = await ask(model, listener)

    assert report.finish is Finish.STOPPED
    assert text.startswith("".join(listener.pieces))


async def test_pausing_loses_nothing(model: Model) -> None:
    """What is put off comes later, and the answer ends as others do."""
    from twisted.internet import reactor

    def pause(source: Source, pieces: int) -> None:
        if pieces:
            source.pause()
            reactor.callLater(0.05, source.resume)

    text, report = await ask(model, Listener(pause))

    assert report.finish in (Finish.STOP, Finish.LENGTH)
    assert report.usage is not None
    if model.name == "small":
        assert text == words(60)


# ---- the fake is read by others as by us -----------------------------------------


def _ask_as_openai_does(url: str) -> tuple[str, str | None, Usage | None]:
    import openai

    messages: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": "words:5"}
    ]
    with (
        openai.OpenAI(base_url=url, api_key="k", max_retries=0) as client,
        client.chat.completions.create(
            model="small",
            messages=messages,
            stream=True,
            stream_options={"include_usage": True},
            max_tokens=3,
        ) as stream,
    ):
        text, finish, usage = "", None, None
        for chunk in stream:
            for choice in chunk.choices:
                text += choice.delta.content or ""
                finish = choice.finish_reason or finish
            if chunk.usage:
                use = chunk.usage
                usage = Usage(use.prompt_tokens, use.completion_tokens)
    return text, finish, usage


async def test_openais_own_client_reads_the_fake_as_we_do() -> None:
    """The fake speaks the protocol, not a dialect between it and our client."""
    from twisted.internet import reactor

    listening, url = listen(OpenAI(reactor))
    try:
        answer = await deferToThread(_ask_as_openai_does, url)
    finally:
        stopped: Any = listening.stopListening()
        await stopped

    assert answer == ("w0 w1 w2", "length", Usage(1, 3))
