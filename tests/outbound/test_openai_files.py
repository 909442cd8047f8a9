"""Models that listen and look, asked over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from tests.fakes.openai import OpenAI, listen
from tests.fakes.openai_files import note_says, picture
from tests.fakes.results import result_of
from tests.wire.notes import note
from zimgpt.flows.ports.files import NotRead, Reader
from zimgpt.outbound.connections import Connections
from zimgpt.outbound.openai_files import PATIENCE, Ear, Eye, Upstream

KEY = "sk-very-secret"


@attrs.frozen
class Senses:
    """Both readers of one upstream, and one that does not know the key."""

    ear: Reader
    eye: Reader
    stranger: Reader


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def senses() -> AsyncIterator[Senses]:
    """A fake upstream on loopback."""
    from twisted.internet import reactor

    listening, url = listen(OpenAI(reactor, key=KEY))
    connections = Connections(reactor)

    def upstream(key: str | None) -> Upstream:
        return Upstream("m", url, key, connections.http, reactor)

    yield Senses(Ear(upstream(KEY)), Eye(upstream(KEY)), Ear(upstream(None)))
    await connections.close()
    stopped: Any = listening.stopListening()
    await stopped


async def test_what_was_said(senses: Senses) -> None:
    """The recording goes as a file of a form."""
    said = note(3.0, note_says("Mhoro, é"))

    assert await senses.ear.words(said, "audio/ogg") == "Mhoro, é"


async def test_what_is_seen(senses: Senses) -> None:
    """The picture goes within the question."""
    assert await senses.eye.words(picture("2x = 4"), "image/png") == "2x = 4"


async def test_nothing_was_said_or_seen(senses: Senses) -> None:
    """No words are no trouble of anybody's."""
    assert await senses.ear.words(note(3.0), "audio/ogg") == ""
    assert await senses.eye.words(picture(), "image/png") == ""


@pytest.mark.parametrize("fault", ["fault:500", "fault:429", "fault:nonsense"])
async def test_trouble_has_one_name(senses: Senses, fault: str) -> None:
    """A refusal and an answer that is none mean that it was not read."""
    with pytest.raises(NotRead):
        await senses.ear.words(note(3.0, note_says(fault)), "audio/ogg")
    with pytest.raises(NotRead):
        await senses.eye.words(picture(fault), "image/png")


async def test_without_its_key(senses: Senses) -> None:
    """The reason is told, and no key."""
    with pytest.raises(NotRead, match="status 401") as refused:
        await senses.stranger.words(note(3.0), "audio/ogg")

    assert KEY not in str(refused.value)


async def test_nobody_is_there() -> None:
    """An upstream that cannot be reached."""
    from twisted.internet import reactor

    connections = Connections(reactor)
    url = "http://127.0.0.1:9/v1"
    ear = Ear(Upstream("m", url, None, connections.http, reactor))

    with pytest.raises(NotRead):
        await ear.words(note(3.0), "audio/ogg")
    await connections.close()


@attrs.frozen
class Silent:
    """A client whose requests are never answered."""

    asked: list[Deferred[Any]] = attrs.Factory(list)

    def request(self, *_: object, **__: object) -> Deferred[Any]:
        """Nothing comes."""
        self.asked.append(Deferred())
        return self.asked[-1]


def test_silence_has_an_end() -> None:
    """Nobody waits longer than a minute."""
    clock, http = Clock(), Silent()
    ear = Ear(Upstream("m", "http://h/v1", None, http, clock))  # type: ignore[arg-type]
    waiting = Deferred.fromCoroutine(ear.words(note(3.0), "audio/ogg"))

    clock.advance(PATIENCE)

    with pytest.raises(NotRead, match="nothing came for 60 s"):
        result_of(waiting)
