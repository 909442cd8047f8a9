"""Several models in order, each tried again after a refusal, until one writes.

A model refuses before it writes anything, so trying the next one costs its asker
nothing but time. A model that has begun is never replaced: its answer would change
under the reader's eyes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import attrs
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from zimgpt.domain.questions import Message
from zimgpt.flows.ports import Model, ModelBusy, ModelUnreachable, Report, Sink

log = Logger()

PATIENCE: Final = 11.5
"""Seconds after which no further try is begun: connecting takes three at most, and the
asker hears within 15."""

LONGEST_WAIT: Final = 10.0
"""Seconds a model may ask us to wait; for longer, the asker is told it is busy."""

WAITS: Final = (0.5, 1.0, 2.0)
"""Seconds before the second, third and fourth try, give or take a quarter."""


class RateLimited(ModelBusy):
    """The model has too much to do; ``retry_after`` is in seconds, if it said."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class ModelRefused(ModelUnreachable):
    """The model will not take this request, however often it is sent."""


class Resting(Exception):  # noqa: N818
    """The model has failed again and again, and is not asked for a while."""


class RestingBusy(Resting, ModelBusy):
    """It had too much to do."""


class RestingUnreachable(Resting, ModelUnreachable):
    """It could not be reached, or worse."""


@attrs.define
class _Candidate:
    """A model that may still write this answer, from ``due`` on."""

    model: Model
    due: float
    tries: int = 0


@attrs.frozen
class Fallback:
    """Models as one; the first that begins writes the whole answer.

    ``random`` gives floats from 0 up to 1, for waits that differ between questions.
    """

    _models: Sequence[Model]
    _clock: IReactorTime
    _random: Callable[[], float]

    async def write(
        self, prompt: Sequence[Message], max_tokens: int, sink: Sink
    ) -> tuple[str, Report]:
        """The name of the model that wrote, and its report.

        ``sink.opened`` may be called again with another source, when the one before
        it failed without a word. When every model has refused, raises ModelBusy if
        one of them had no more than too much to do, otherwise ModelUnreachable.
        """
        start = self._clock.seconds()
        left = [_Candidate(model, start) for model in self._models]
        busy: ModelBusy | None = None
        while left:
            candidate = min(left, key=lambda candidate: candidate.due)
            await self._wait_until(candidate.due)
            try:
                report = await candidate.model.write(prompt, max_tokens, sink)
                return candidate.model.name, report
            except (ModelBusy, ModelUnreachable) as refusal:
                if isinstance(refusal, ModelBusy):
                    busy = refusal
                if isinstance(refusal, Resting) or not self._again(
                    candidate, refusal, start + PATIENCE
                ):
                    left.remove(candidate)
        if busy is not None:
            raise ModelBusy("no model has room") from busy
        raise ModelUnreachable("no model answers")

    async def _wait_until(self, due: float) -> None:
        left = due - self._clock.seconds()
        if left > 0:
            await deferLater(self._clock, left)

    def _again(
        self,
        candidate: _Candidate,
        refusal: ModelBusy | ModelUnreachable,
        deadline: float,
    ) -> bool:
        """Sets when to try a model once more; False if it is not worth it."""
        wait = self._wait(candidate, refusal)
        due = self._clock.seconds() + wait if wait is not None else deadline
        again = due < deadline
        log.warn(
            "{model} refused ({refusal}); {next}",
            model=candidate.model.name,
            refusal=refusal,
            next=f"again in {wait:.1f} s" if again else "no further try",
        )
        candidate.due = due
        candidate.tries += 1
        return again

    def _wait(
        self, candidate: _Candidate, refusal: ModelBusy | ModelUnreachable
    ) -> float | None:
        """Seconds until another try makes sense; None for never."""
        if isinstance(refusal, ModelRefused) or candidate.tries >= len(WAITS):
            return None
        usual = WAITS[candidate.tries] * (0.75 + self._random() / 2)
        asked = refusal.retry_after if isinstance(refusal, RateLimited) else None
        if asked is None:
            return usual
        if asked > LONGEST_WAIT:
            return None
        # Never earlier than it asked, nor all of us at that very moment.
        return max(usual, asked + self._random() / 2)
