"""A circuit breaker around one model: while it is down, nobody waits for it.

What counts as a failure is trouble to reach the model and its refusals for now (5xx,
429, no first byte in time). What does not: its refusal of this one request, a filter,
the asker's stop, and trouble in the middle of an answer, for then it was reached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import assert_never

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from zimgpt.domain import circuits
from zimgpt.domain.answers import Finish
from zimgpt.domain.circuits import CLOSED, Circuit, Closed, Failure, Limits
from zimgpt.domain.questions import Message
from zimgpt.flows.models import (
    ModelRefused,
    RestingBusy,
    RestingUnreachable,
)
from zimgpt.flows.ports import (
    Model,
    ModelBusy,
    ModelUnreachable,
    Report,
    Sink,
    Source,
)


class State(IntEnum):
    """A circuit's state, as it is told in metrics."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class Guarded:
    """A model that is not asked while its circuit is open; it is a model itself."""

    log = Logger()

    def __init__(
        self, model: Model, clock: IReactorTime, limits: Limits | None = None
    ) -> None:
        self.answered = 0
        """Questions that the model has answered, if only in part."""
        self.failed = 0
        self.skipped = 0
        self.opened = 0
        """Times that the circuit opened."""
        self._model = model
        self._clock = clock
        self._limits = limits or Limits()
        self._circuit: Circuit = CLOSED

    @property
    def failures(self) -> int:
        """Those that count towards opening the circuit."""
        circuit = self._circuit
        return len(circuit.failures) if isinstance(circuit, Closed) else 0

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    @property
    def state(self) -> State:
        """Open until the rest is over; half open until a probe has shown more."""
        match self._circuit:
            case circuits.Closed():
                return State.CLOSED
            case circuits.Open(until):
                rests = self._clock.seconds() < until
                return State.OPEN if rests else State.HALF_OPEN
            case circuits.Probing():
                return State.HALF_OPEN
            case _:
                assert_never(self._circuit)

    async def write(
        self, prompt: Sequence[Message], max_tokens: int, sink: Sink
    ) -> Report:
        """See ``ports.Model``; also raises RestingBusy or RestingUnreachable."""
        asker = self._let_through(sink)
        try:
            report = await self._model.write(
                prompt, max_tokens, asker if asker.is_probe else sink
            )
        except (ModelBusy, ModelUnreachable) as trouble:
            if isinstance(trouble, ModelRefused):
                self._shows_nothing(asker)
            else:
                self._fails(asker, busy=isinstance(trouble, ModelBusy))
            raise
        except BaseException:  # cancelled, or an error of ours
            self._shows_nothing(asker)
            raise
        self._ends(asker, report)
        return report

    def _let_through(self, sink: Sink) -> _Asker:
        """The question's part in this; raises if it may not be asked."""
        before = self._circuit
        self._circuit, may = circuits.ask(before, self._clock.seconds())
        if not may:
            self.skipped += 1
            raise RestingBusy if _busy(before) else RestingUnreachable
        return _Asker(sink, self._comes_back, is_probe=self._circuit is not before)

    # ---- what a question shows

    def _counts(self, asker: _Asker) -> bool:
        """While there is a probe, those that were asked before show nothing."""
        return asker.is_probe or isinstance(self._circuit, Closed)

    def _fails(self, asker: _Asker, *, busy: bool) -> None:
        self.failed += 1
        if not self._counts(asker):
            return
        failure = Failure(self._clock.seconds(), busy)
        self._circuit = circuits.failed(self._circuit, failure, self._limits)
        if isinstance(self._circuit, circuits.Open):
            self.opened += 1
            self.log.error(
                "{model} fails again and again; it is not asked for {seconds} s",
                model=self.name,
                seconds=self._limits.rest,
            )

    def _ends(self, asker: _Asker, report: Report) -> None:
        self.answered += 1
        if report.finish in (Finish.CUT, Finish.STOPPED):
            self._shows_nothing(asker)
        elif asker.is_probe:  # it has ended without a byte that was told of
            self._comes_back()
        elif isinstance(self._circuit, Closed):
            self._circuit = circuits.succeeded(self._circuit)

    def _comes_back(self) -> None:
        self._circuit = circuits.succeeded(self._circuit)
        self.log.info("{model} answers again", model=self.name)

    def _shows_nothing(self, asker: _Asker) -> None:
        if asker.is_probe:
            self._circuit = circuits.undecided(self._circuit, self._clock.seconds())


class _Asker:
    """A question that was let through; a probe's is in the place of its sink.

    The first bytes of an answer end the probe: a long one would keep others waiting.
    """

    def __init__(
        self, sink: Sink, comes_back: Callable[[], None], *, is_probe: bool
    ) -> None:
        self.is_probe = is_probe
        self._sink = sink
        self._comes_back = comes_back

    def opened(self, source: Source) -> None:
        """The headers were right."""
        self._sink.opened(source)

    def ready(self) -> None:
        """Bytes have come."""
        if self.is_probe:
            self.is_probe = False
            self._comes_back()
        self._sink.ready()


def _busy(circuit: Circuit) -> bool:
    return not isinstance(circuit, Closed) and circuit.busy
