"""A model that writes as many words as it is asked for, or nearly, and fails on cue."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater

from tests.fakes.memory import ScriptedSource
from zimgpt.domain.answers import Finish
from zimgpt.domain.ledger import Usage
from zimgpt.domain.questions import Message, size
from zimgpt.flows.ports import ModelBusy, Report, Sink

OUTLINE = (
    "## Introduction\n- what\n\n## Rain\n- heavy\n- long\n\n## Rock\n- hard\n\n"
    "## Conclusion\n- so"
)
PACE = 0.01


def write_sentences(call: int, words: int) -> list[str]:
    """So many words, ten to a sentence, each of which names its call."""
    named = [f"c{call}w{at}" for at in range(words)]
    return [
        " ".join(named[at : at + 10]) + ("." if at + 10 >= words else ". ")
        for at in range(0, words, 10)
    ]


@attrs.define
class Scribe:
    """``ports.Models``; ``faults`` by the number of the call: busy, cut, nothing."""

    clock: Clock
    percent: int = 100
    """Of what it is asked for, that it writes."""
    faults: dict[int, str] = attrs.Factory(dict)
    says: Callable[[Sequence[Message]], str | None] = lambda _: None
    """What it says to other questions than for sections."""
    counts: bool = True
    """Whether it says what it used."""
    asked: list[tuple[Sequence[Message], int]] = attrs.Factory(list)
    used: list[Usage] = attrs.Factory(list)
    """What was reported, by the call."""

    async def write(
        self, messages: Sequence[Message], max_tokens: int, sink: Sink
    ) -> tuple[str, Report]:
        """Writes."""
        self.asked.append((messages, max_tokens))
        call = len(self.asked)
        fault = self.faults.get(call, "")
        if fault == "busy":
            raise ModelBusy("full")
        source = ScriptedSource(sink)
        sink.opened(source)
        parts = self._parts(call, messages)
        if fault == "nothing":
            parts = []
        if fault == "cut":
            parts = [*parts[: len(parts) // 2], "half a sent"]
        Deferred.fromCoroutine(self._speak(source, parts, fault, messages))
        return "model", await source.ended

    def _parts(self, call: int, messages: Sequence[Message]) -> list[str]:
        said = self.says(messages)
        if said is not None:
            return [said]
        if "Write the outline" in messages[0].content:
            return [OUTLINE]
        wanted = re.findall(r"in about (\d+) words", messages[-1].content)
        if not wanted:
            return ["Moyo, T. (2019). Rain. See https://made.up/rain"]
        return write_sentences(call, int(wanted[-1]) * self.percent // 100)

    async def _speak(
        self,
        source: ScriptedSource,
        parts: list[str],
        fault: str,
        messages: Sequence[Message],
    ) -> None:
        words = 0
        for part in parts:
            await deferLater(self.clock, PACE)
            if source.ended.called:
                return
            words += len(part.split())
            source.say(part)
        await deferLater(self.clock, PACE)
        if fault:
            source.end(Finish.CUT)
            return
        usage = Usage(size(messages) // 2, 3 * words // 2)
        if not source.ended.called:
            self.used.append(usage)
        source.end(Finish.STOP, usage if self.counts else None)
