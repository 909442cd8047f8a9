"""What an answer went through, told to whoever collects such things.

A step is told when it has ended, with the time that it took, under its answer's id,
which all nodes know: so nothing has to be carried from the web to the worker for the
steps of an answer to be found together. Nobody's words are among what is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, TypeAlias

import attrs
from twisted.internet.interfaces import IReactorTime

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.questions import Message
from zimgpt.flows.asking import Accepted, Question
from zimgpt.flows.drafts import Draft
from zimgpt.flows.ports import Model, Report, Sink

Plain: TypeAlias = str | int | float | bool


class Step(StrEnum):
    """From the outermost inwards."""

    ASK = "ask"
    """At the node that took the question, up to its commit."""
    JOB = "answer"
    """At the node that wrote the answer, from the claim to the last commit."""
    MODEL = "model"
    """One request to one model."""


@attrs.frozen
class Told:
    """A step that has just ended."""

    step: Step
    answer: AnswerId
    attempt: int
    """Which of the answer's attempts it belongs to; 0 before the first."""
    seconds: float
    trouble: str = ""
    """The kind of error that ended it, if one did."""
    values: dict[str, Plain] = attrs.field(factory=dict)


class Traces(Protocol):
    """Where steps are told."""

    def tell(self, told: Told) -> None:
        """Takes it without making anybody wait."""
        ...


class Takes(Protocol):
    """Takes questions."""

    async def ask(self, user: UserId, question: Question, channel: str) -> Accepted:
        """Commits one."""
        ...


@attrs.frozen
class TracedAsking:
    """Takes questions as ``_asking`` does, and tells of each that is new."""

    _asking: Takes
    _clock: IReactorTime
    _traces: Traces

    async def ask(self, user: UserId, question: Question, channel: str) -> Accepted:
        """Commits a question; what is refused has no answer to be told under."""
        since = self._clock.seconds()
        accepted = await self._asking.ask(user, question, channel)
        if accepted.fresh:
            took = self._clock.seconds() - since
            values: dict[str, Plain] = {"channel": channel, "kind": str(question.kind)}
            self._traces.tell(Told(Step.ASK, accepted.answer, 0, took, values=values))
        return accepted


@attrs.frozen
class TracedModel:
    """A model that tells of each request to it."""

    _model: Model
    _clock: IReactorTime
    _traces: Traces

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    async def write(
        self, prompt: Sequence[Message], max_tokens: int, sink: Sink
    ) -> Report:
        """See ``ports.Model``."""
        since = self._clock.seconds()
        trouble, finish = "", ""
        try:
            report = await self._model.write(prompt, max_tokens, sink)
            finish = str(report.finish)
            return report
        except BaseException as error:
            trouble = type(error).__name__
            raise
        finally:
            if isinstance(sink, Draft):  # and not a summary, which is no answer
                took = self._clock.seconds() - since
                values: dict[str, Plain] = {"model": self.name, "finish": finish}
                self._traces.tell(
                    Told(Step.MODEL, sink.answer, sink.epoch, took, trouble, values)
                )
