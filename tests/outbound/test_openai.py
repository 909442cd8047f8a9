"""What a model is asked, what it may refuse, and what nobody is shown."""

from __future__ import annotations

import socket
from typing import Any

import attrs
import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock

from tests.outbound.upstream import KEY, NOW, Taking, Upstream
from zimgpt.domain.answers import Finish
from zimgpt.domain.ledger import Usage
from zimgpt.domain.questions import Message
from zimgpt.flows.models import Fallback, ModelRefused, RateLimited
from zimgpt.flows.ports import ModelBusy, ModelUnreachable, Report
from zimgpt.outbound.connections import Connections
from zimgpt.outbound.openai import OpenAIModel


async def test_a_request_says_who_asks_and_wants_no_coding(upstream: Upstream) -> None:
    """The key goes along; nothing is to be compressed, for nothing is inflated."""
    await upstream.ask("words:3")

    headers = upstream.fake.headers[0]
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["accept-encoding"] == "identity"
    assert headers["content-type"] == "application/json"


async def test_a_model_without_a_key_sends_none(upstream: Upstream) -> None:
    """A small model on loopback needs none; here it is refused for good."""
    upstream.model = attrs.evolve(upstream.model, key="")

    with pytest.raises(ModelRefused):
        await upstream.ask("hi")


async def test_one_connection_serves_many_questions(upstream: Upstream) -> None:
    """A connection is kept and used again, after refusals as well."""
    for question in ("words:3", "fault:500", "words:200", "fault:no-done", "words:1"):
        try:
            await upstream.ask(question)
        except ModelUnreachable:
            continue

    assert len(upstream.fake.clients) == 1


@pytest.mark.parametrize(
    ("fault", "refused"),
    [
        ("500", ModelUnreachable),
        ("502", ModelUnreachable),
        ("408", ModelUnreachable),
        ("html", ModelUnreachable),
        ("gzip", ModelUnreachable),
        ("400", ModelRefused),
        ("404", ModelRefused),
        ("redirect", ModelRefused),
        ("429", RateLimited),
        ("503", RateLimited),
    ],
)
async def test_refusals(
    upstream: Upstream, fault: str, refused: type[Exception]
) -> None:
    """Each kind has its class, is asked once, and tells people nothing of its own."""
    with pytest.raises(Exception, match="answered") as raised:
        await upstream.ask(f"fault:{fault}")

    assert type(raised.value) is refused
    assert "told" not in str(raised.value)
    assert upstream.fake.calls["small"] == 1


@pytest.mark.parametrize(
    ("after", "seconds"),
    [("2", 2.0), ("120", 120.0), ("garbage", None), ("none", None)],
)
async def test_a_busy_model_says_when_to_come_back(
    upstream: Upstream, after: str, seconds: float | None
) -> None:
    """Retry-After is handed on, in seconds."""
    with pytest.raises(RateLimited) as raised:
        await upstream.ask(f"fault:429-{after}")

    assert raised.value.retry_after == seconds
    assert isinstance(raised.value, ModelBusy)


async def test_a_date_is_counted_by_the_models_own_clock(upstream: Upstream) -> None:
    """Ours may be days off; it says two seconds, and a tick of the clock more."""
    with pytest.raises(RateLimited) as raised:
        await upstream.ask("fault:429-date")

    assert raised.value.retry_after in (1.0, 2.0, 3.0)


async def test_a_key_is_never_shown(upstream: Upstream, log: list[str]) -> None:
    """Not in a repr, nor in the log when an upstream repeats it."""
    upstream.model = attrs.evolve(upstream.model, key=KEY + "x")

    with pytest.raises(ModelRefused) as raised:
        await upstream.ask("hi")

    assert KEY not in repr(upstream.model) + str(raised.value) + "".join(log)
    assert any("Incorrect API key provided: (key)" in line for line in log)


# ---- no upstream at all ----------------------------------------------------------


def unused_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_a_refused_connection_is_no_answer(upstream: Upstream) -> None:
    """Nobody there."""
    url = f"http://127.0.0.1:{unused_port()}/v1/"
    upstream.model = attrs.evolve(upstream.model, url=url)

    with pytest.raises(ModelUnreachable, match="ConnectionRefusedError"):
        await upstream.ask("hi")


async def test_a_name_that_is_none_is_no_answer(upstream: Upstream) -> None:
    """RFC 6761 reserves .invalid, so no resolver knows it."""
    upstream.model = attrs.evolve(upstream.model, url="http://model.invalid/v1")

    with pytest.raises(ModelUnreachable):
        await upstream.ask("hi")


async def test_cancelling_a_connection_under_way_is_cancelling() -> None:
    """Giving up before the connection stands is not the upstream's failure."""
    memory = MemoryReactorClock()
    model = OpenAIModel(
        name="m",
        url="http://127.0.0.1:1/v1",
        http=Connections(memory).http,
        clock=Clock(),
        now=lambda: NOW,
    )
    asking = Deferred.fromCoroutine(model.write((), 5, Taking()))
    memory.advance(0)
    asking.cancel()

    with pytest.raises(CancelledError):
        await asking


async def test_a_name_that_nobody_looks_up_is_no_answer() -> None:
    """A silent resolver counts in the time for connecting."""
    memory: Any = MemoryReactorClock()
    memory.nameResolver.resolveHostName = lambda *_, **__: None  # it never answers
    model = OpenAIModel(
        name="m",
        url="http://model.example/v1",
        http=Connections(memory, connect_timeout=3).http,
        clock=memory,
        now=lambda: NOW,
    )
    asking = Deferred.fromCoroutine(model.write((), 5, Taking()))
    memory.advance(2.9)
    assert not asking.called
    memory.advance(0.1)

    with pytest.raises(ModelUnreachable, match="no connection within 3 s"):
        await asking


async def test_a_busy_model_answers_the_second_time(upstream: Upstream) -> None:
    """The policy and the client together: refused, waited, answered."""
    from twisted.internet import reactor

    sink = Taking()
    prompt = (Message("user", "words:2 fault:503-0"),)
    fallback = Fallback([upstream.model], reactor, lambda: 0.0)

    name, report = await fallback.write(prompt, 100, sink)

    assert (name, report) == ("small", Report(Finish.STOP, Usage(2, 2)))
    assert sink.text + sink.source.take() == "w0 w1"
    assert upstream.fake.calls["small"] == 2


async def test_a_conversation_reaches_the_model_whole(upstream: Upstream) -> None:
    """Every message, in order, with its role."""
    prompt = (
        Message("system", "Be kind."),
        Message("user", "Mhoro?"),
        Message("assistant", "Mhoro!"),
        Message("user", "words:1"),
    )

    await upstream.model.write(prompt, 100, Taking())

    assert upstream.fake.requests[-1]["messages"] == [
        {"role": message.role, "content": message.content} for message in prompt
    ]
