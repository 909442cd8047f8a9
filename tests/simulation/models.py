"""A model that refuses, hangs, breaks off, is slow or does not count."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from twisted.internet.defer import Deferred

from tests.fakes.memory import ScriptedSource
from tests.simulation.history import History
from tests.simulation.process import Process
from tests.simulation.weather import Weather
from zimgpt.domain.answers import Finish
from zimgpt.domain.ledger import Usage
from zimgpt.domain.questions import Message
from zimgpt.flows.models import ModelRefused, RateLimited
from zimgpt.flows.ports import ModelBusy, ModelUnreachable, Report, Sink

FIRST_BYTE = 30.0
IDLE = 20.0
"""Seconds of silence after which our client hangs up, as ``outbound.openai`` does."""


class Calls:
    """What all models of a world have written, by the number of the call."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self._numbers = count(1)

    def begin(self) -> int:
        """A number of its own for each answer, which all its words carry."""
        number = next(self._numbers)
        self.texts[number] = ""
        return number


class Model:
    """``ports.Model`` of one process."""

    name = "model"

    def __init__(
        self, process: Process, weather: Weather, calls: Calls, history: History
    ) -> None:
        self._process = process
        self._weather = weather
        self._calls = calls
        self._history = history

    async def write(
        self,
        prompt: Sequence[Message],
        max_tokens: int,
        sink: Sink,
    ) -> Report:
        """Streams an answer whose every word says which call it belongs to."""
        weather, chance = self._weather, self._weather.chance
        await self._process.pause(chance.uniform(0.01, 0.3))
        fate = ""
        if weather.happens(weather.model_fails):
            fate = chance.choice(("busy", "down", "never", "hang", "cut", "stall"))
        number = self._calls.begin()
        self._history.note("model", f"call {number} {fate}")
        await self._refuse(fate)
        source = ScriptedSource(sink)
        sink.opened(source)
        if fate != "hang":
            section = "one section of an essay" in prompt[0].content
            writing = self._speak(source, number, fate, max_tokens, section)
            Deferred.fromCoroutine(writing)
            return await source.ended
        await self._process.pause(FIRST_BYTE)
        raise ModelUnreachable("no first byte")

    async def _refuse(self, fate: str) -> None:
        chance = self._weather.chance
        match fate:
            case "busy" if chance.random() < 0.5:
                raise RateLimited("429", chance.choice((None, 2.0, 120.0)))
            case "busy":
                raise ModelBusy("full")
            case "down":
                raise ModelUnreachable("refused")
            case "never":
                raise ModelRefused("a bad request, it says")

    async def _speak(
        self,
        source: ScriptedSource,
        number: int,
        fate: str,
        most: int,
        section: bool,
    ) -> None:
        weather, chance = self._weather, self._weather.chance
        words = min(chance.randrange(40), most)
        slow = weather.happens(weather.model_slow)
        last = chance.randrange(words + 1) if fate else words
        for at in range(last):
            gap = chance.expovariate(1 / (0.8 if slow else 0.03))
            await self._process.pause(gap)
            if source.ended.called:
                return
            end = "." if section and at % 6 == 5 else ""
            word = f"c{number}w{at}{end} "
            self._calls.texts[number] += word
            source.say(word)
        if fate == "stall":
            await self._process.pause(IDLE)
        await self._process.pause(0.001)
        if fate:
            source.end(Finish.CUT)
            return
        finish = Finish.LENGTH if words == most else Finish.STOP
        used = Usage(chance.randrange(30), words)
        source.end(finish, chance.choice((used, used, None, Usage(10**12, -1))))
