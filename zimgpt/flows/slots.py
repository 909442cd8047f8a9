"""Where a model's answer goes that is a part of something larger."""

from __future__ import annotations

from twisted.internet.interfaces import IReactorTime

from zimgpt.domain.essays.passages import Passage
from zimgpt.flows.drafts import Draft
from zimgpt.flows.ports import Source


class Gathered:
    """Keeps an answer that is not shown (``ports.Sink``)."""

    def __init__(self) -> None:
        self._text = ""
        self._source: Source | None = None

    def opened(self, source: Source) -> None:
        """The model has begun; what another began before is void."""
        self._text, self._source = "", source

    def ready(self) -> None:
        """Takes what has come, at once."""
        if self._source is not None:
            self._text += self._source.take()

    @property
    def text(self) -> str:
        """All that has come."""
        self.ready()
        return self._text


class Slot:
    """Lets an answer into a draft through a passage: the model's sink, and the draft's
    source. ``begin`` goes before its first text."""

    def __init__(
        self, draft: Draft, passage: Passage, begin: str, clock: IReactorTime
    ) -> None:
        self.text = ""
        """What was let through."""
        self._draft = draft
        self._passage = passage
        self._begin = begin
        self._clock = clock
        self._source: Source | None = None
        self._ended = False

    # ---- as the model's sink

    def opened(self, source: Source) -> None:
        """The model has begun to answer."""
        self._source = source
        self._draft.opened(self)

    def ready(self) -> None:
        """Something waits."""
        self._draft.ready()

    # ---- as the draft's source

    def take(self) -> str:
        """The sentences that are whole; the model is stopped once they are enough."""
        assert self._source is not None, "it was opened"
        shown = self._passage.feed(self._source.take())
        if self._passage.full and not self._ended:
            self._ended = True
            # Not while it is being read: its end must not come in between.
            self._clock.callLater(0, self._source.abort)
        return self._said(shown)

    def rest(self, *, whole: bool) -> str:
        """What is left when the model has ended."""
        return self._said(self._passage.end(whole))

    def pause(self) -> None:
        """Leaves what comes in the network's buffers."""
        if self._source is not None:
            self._source.pause()

    def resume(self) -> None:
        """Reads again."""
        if self._source is not None:
            self._source.resume()

    def abort(self) -> None:
        """Closes the stream."""
        if self._source is not None:
            self._source.abort()

    def _said(self, shown: str) -> str:
        if shown and not self.text:
            shown = self._begin + shown
        self.text += shown
        return shown
