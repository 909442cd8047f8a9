"""What the answers of this node came to: how soon, how long, how many tokens.

A tally stands between the writer and the audience, sees what passes, and holds nothing
up. Its clock begins when a job is claimed; how long jobs wait before that is told by
their age in the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from twisted.internet.interfaces import IReactorTime

from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.histograms import ANSWERS, Histogram
from zimgpt.flows.ports import End, Piece
from zimgpt.flows.tracing import Plain, Step, Told, Traces


class Readers(Protocol):
    """Those to whom text is shown."""

    def show(self, pieces: Sequence[Piece], ends: Sequence[End]) -> None:
        """Text and ends that are stored."""
        ...

    def abandoned(self, answer: AnswerId) -> None:
        """Nobody here writes it any more."""
        ...


class Tally:
    """Counts what this node writes, on its way to ``readers``."""

    def __init__(
        self, clock: IReactorTime, readers: Readers, traces: Traces | None = None
    ) -> None:
        self.first_text = Histogram(ANSWERS)
        self.whole = Histogram(ANSWERS)
        self.ended: Counter[str] = Counter()
        """Answers by the way in which they ended."""
        self.tokens = 0
        """What people were charged for them."""
        self._clock = clock
        self._readers = readers
        self._traces = traces
        self._begun: dict[AnswerId, float] = {}
        self._silent: set[AnswerId] = set()

    def claimed(self, answer: AnswerId) -> None:
        """An attempt begins here."""
        self._begun[answer] = self._clock.seconds()
        self._silent.add(answer)

    def show(self, pieces: Sequence[Piece], ends: Sequence[End]) -> None:
        """Counts, and passes on."""
        for piece in pieces:
            if piece.answer in self._silent:
                self._silent.discard(piece.answer)
                self.first_text.add(self._since(piece.answer))
        for end in ends:
            self.whole.add(self._since(end.answer))
            self.ended[str(end.finish)] += 1
            self.tokens += end.cost
            self._tell(end)
            self._forget(end.answer)
        self._readers.show(pieces, ends)

    def abandoned(self, answer: AnswerId) -> None:
        """Another attempt, or nobody, will end it: this one counts for nothing."""
        self._forget(answer)
        self._readers.abandoned(answer)

    def _tell(self, end: End) -> None:
        if self._traces is not None:
            took = self._since(end.answer)
            values: dict[str, Plain] = {"finish": str(end.finish), "tokens": end.cost}
            told = Told(Step.JOB, end.answer, end.epoch, took, values=values)
            self._traces.tell(told)

    def _since(self, answer: AnswerId) -> float:
        now = self._clock.seconds()
        return now - self._begun.get(answer, now)

    def _forget(self, answer: AnswerId) -> None:
        self._begun.pop(answer, None)
        self._silent.discard(answer)
