"""One answer while it is written: a model's text on its way to the writer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from zimgpt.flows.ports import Claim, Source

LONGEST: Final = 8_192
"""Characters of a stored piece: with JSON's six bytes for the worst of them it still
fits a frame, and a reader's place is always between two pieces."""


class Shelf(Protocol):
    """Where drafts lie until they are stored."""

    def soon(self, draft: Draft) -> None:
        """A draft has its first text."""
        ...

    def park(self, draft: Draft) -> None:
        """A draft has text, and reads no more until it is resumed."""
        ...


class Draft:
    """Takes a model's text (``ports.Sink``) for the writer to store."""

    __slots__ = (
        "_shelf",
        "_source",
        "_waiting",
        "answer",
        "begun",
        "bytes",
        "epoch",
        "hold",
        "on_lost",
        "seq",
        "stopped",
    )

    def __init__(self, shelf: Shelf, claim: Claim) -> None:
        self._shelf = shelf
        self._source: Source | None = None
        self._waiting = ""
        self.answer = claim.answer
        self.epoch = claim.attempt
        self.hold = claim.hold
        self.begun = False  # there is text
        self.seq = 0
        self.bytes = 0
        self.stopped = False
        self.on_lost: Callable[[], None] = self.abort

    def opened(self, source: Source) -> None:
        """The model has begun to answer."""
        self._source = source
        if self.stopped:
            source.abort()

    def ready(self) -> None:
        """Bytes wait at the source; only the first text is looked at right away."""
        source = self._source
        if source is None:
            return
        if not self.begun:
            self._waiting += source.take()
            if not self._waiting:
                return  # the model has said who it is, and nothing yet
            self.begun = True
            self._shelf.soon(self)
        source.pause()
        self._shelf.park(self)

    def resume(self) -> None:
        """The tick has come: read on."""
        if self._source is not None:
            self._source.resume()

    def abort(self) -> None:
        """Ends the model's stream early."""
        self.stopped = True
        if self._source is not None:
            self._source.abort()

    def take(self) -> str:
        """The text that has come since the last call, up to a piece; see ``more``."""
        if self._source is not None:
            self._waiting += self._source.take()
        text, self._waiting = self._waiting[:LONGEST], self._waiting[LONGEST:]
        self.bytes += len(text.encode())
        return text

    @property
    def more(self) -> bool:
        """Whether there is text beyond the piece that was taken."""
        return bool(self._waiting)

    def add(self, text: str) -> None:
        """Text that comes without a source."""
        if text:
            self._waiting += text
            self.begun = True
            self._shelf.park(self)

    def close(self) -> None:
        """The model has ended: its last text stays here, its source is let go."""
        if self._source is not None:
            self._waiting += self._source.take()
            self._source = None
