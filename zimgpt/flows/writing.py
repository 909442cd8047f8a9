"""Text on its way from models to readers: stored first, all streams in one statement.

A model's stream is read once a tick: between ticks its socket is left alone, so that
one read takes what has gathered. What a tick reads is appended for every stream of
the node in one statement and shown after that commit. Only the first piece of an
answer does not wait for a tick.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from zimgpt.domain.answers import Ending
from zimgpt.domain.errors import Unavailable
from zimgpt.flows.following import Audience
from zimgpt.flows.ports import Claim, Drafts, End, Piece, Source

T = TypeVar("T")

AGAIN = 0.5
"""Seconds until text that the database did not take is offered again."""


class Draft:
    """One answer being written: takes a model's text for the writer to store."""

    __slots__ = (
        "_source",
        "_waiting",
        "_writer",
        "answer",
        "begun",
        "bytes",
        "epoch",
        "hold",
        "on_lost",
        "seq",
        "stopped",
    )

    def __init__(self, writer: Writer, claim: Claim) -> None:
        self._writer = writer
        self._source: Source | None = None
        self.begun = False
        self._waiting = ""
        self.answer = claim.answer
        self.epoch = claim.attempt
        self.hold = claim.hold
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
            self._waiting = source.take()
            if not self._waiting:
                return  # the model has said who it is, and nothing yet
            self.begun = True
            self._writer.soon(self)
        source.pause()
        self._writer.park(self)

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
        """The text that has come since the last call."""
        text = self._waiting
        self._waiting = ""
        if self._source is not None:
            text += self._source.take()
        self.bytes += len(text.encode())
        return text


class Writer:
    """Stores and shows the text of all drafts of this node."""

    log = Logger()

    def __init__(
        self,
        reactor: IReactorTime,
        drafts: Drafts,
        audience: Audience,
        tick: float,
    ) -> None:
        self._reactor = reactor
        self._drafts = drafts
        self._audience = audience
        self._tick = tick
        self._open: set[Draft] = set()
        self._ripe: set[Draft] = set()
        self._parked: list[Draft] = []
        self._timer: IDelayedCall | None = None
        self._soon: IDelayedCall | None = None
        self._storing: Deferred[None] | None = None

    @property
    def drafting(self) -> int:
        """Answers being written now."""
        return len(self._open)

    def open(self, claim: Claim) -> Draft:
        """A draft for this attempt."""
        draft = Draft(self, claim)
        self._open.add(draft)
        if self._timer is None:
            self._timer = self._reactor.callLater(self._tick, self._on_tick)
        return draft

    def soon(self, draft: Draft) -> None:
        """A draft's first text: store it without waiting for the tick."""
        self._ripe.add(draft)
        if self._soon is None and self._storing is None:
            self._soon = self._reactor.callLater(0, self._store)

    def park(self, draft: Draft) -> None:
        """A draft has text and reads no more until the tick."""
        self._ripe.add(draft)
        self._parked.append(draft)

    async def finish(
        self, draft: Draft, ending: Callable[[int], Ending], model: str
    ) -> None:
        """Ends an answer, once what came before is stored.

        ``ending`` is given the bytes of text that were written.
        """
        self._ripe.discard(draft)
        rest = draft.take()
        while self._storing is not None:
            await _after(self._storing)
        self._open.discard(draft)
        if draft.seq < 0:
            return  # another attempt has taken over
        outcome = ending(draft.bytes)
        ended = await self._insist(
            lambda: self._drafts.finish(draft.answer, draft.epoch, rest, outcome, model)
        )
        if ended is None:  # superseded, or done by a commit that went unheard
            self._audience.heal(draft.answer)
            return
        last = Piece(draft.answer, draft.epoch, ended.last_seq, rest)
        end = End(
            answer=draft.answer,
            epoch=draft.epoch,
            last_seq=ended.last_seq,
            state=outcome.state,
            finish=outcome.finish,
            cost=ended.charged,
            hold=draft.hold,
            available=ended.available,
        )
        self._audience.show([last] if rest else [], [end])

    def discard(self, draft: Draft) -> None:
        """Forgets a draft that will not be finished here."""
        draft.seq = -1
        self._open.discard(draft)
        self._ripe.discard(draft)

    def _on_tick(self) -> None:
        if not self._open:
            self._timer = None
            self._parked.clear()
            return
        self._timer = self._reactor.callLater(self._tick, self._on_tick)
        if self._storing is not None:
            return  # the database is slower than the models: let them wait
        parked, self._parked = self._parked, []
        for draft in parked:
            draft.resume()
        # One turn of the reactor reads every socket that has something.
        if self._soon is None:
            self._soon = self._reactor.callLater(0, self._store)

    def _store(self) -> None:
        self._soon = None
        ripe, self._ripe = self._ripe, set()
        taken: list[tuple[Draft, Piece]] = []
        for draft in ripe:
            text = draft.take()
            if text:
                draft.seq += 1
                piece = Piece(draft.answer, draft.epoch, draft.seq, text)
                taken.append((draft, piece))
        if not taken:
            return
        self._storing = Deferred()
        Deferred.fromCoroutine(self._append(taken)).addErrback(
            lambda failure: self.log.failure("storing text broke", failure)
        ).addBoth(self._stored)

    def _stored(self, _: object) -> None:
        storing, self._storing = self._storing, None
        if storing is not None:
            storing.callback(None)
        if self._ripe and self._soon is None:
            self._soon = self._reactor.callLater(0, self._store)

    async def _append(self, taken: list[tuple[Draft, Piece]]) -> None:
        pieces = [piece for _, piece in taken]
        stored = await self._insist(lambda: self._drafts.append(pieces))
        self._audience.show([piece for piece in pieces if piece.answer in stored], [])
        for draft, piece in taken:
            if piece.answer not in stored:
                self.lost(draft)

    def lost(self, draft: Draft) -> None:
        """Another attempt has taken the answer over: this one stops, unpaid."""
        self.discard(draft)
        draft.on_lost()

    async def _insist(self, commit: Callable[[], Awaitable[T]]) -> T:
        # Safe to repeat: a piece has its number, and an answer ends once.
        while True:
            try:
                return await commit()
            except Unavailable:
                self.log.warn("text waits for the database")
                await deferLater(self._reactor, AGAIN)


def _after(event: Deferred[None]) -> Deferred[None]:
    """A Deferred of one's own for an event that several wait for."""
    mine: Deferred[None] = Deferred()
    event.addCallback(lambda _: mine.callback(None))
    return mine
