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
from zimgpt.flows.drafts import Draft
from zimgpt.flows.ports import Claim, Drafts, End, Ended, Piece
from zimgpt.flows.tallying import Readers

T = TypeVar("T")

AGAIN = 0.5
"""Seconds until what the database did not take is offered again."""


class Writer:
    """Stores and shows the text of all drafts of this node."""

    log = Logger()

    def __init__(
        self,
        reactor: IReactorTime,
        drafts: Drafts,
        audience: Readers,
        tick: float,
    ) -> None:
        self._reactor = reactor
        self._drafts = drafts
        self._audience = audience
        self._tick = tick
        self._open: set[Draft] = set()
        # In order of their coming: the same events then have the same effects.
        self._ripe: dict[Draft, None] = {}
        self._parked: dict[Draft, None] = {}
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
        self._ripe[draft] = None
        self._store_soon()

    def park(self, draft: Draft) -> None:
        """A draft has text and reads no more until the tick."""
        self._ripe[draft] = None
        self._parked[draft] = None

    async def finish(
        self, draft: Draft, ending: Callable[[int], Ending], model: str
    ) -> None:
        """Ends an answer, once what came before is stored.

        ``ending`` is given the bytes of text that were written.
        """
        self._ripe.pop(draft, None)
        draft.close()
        rest = await self._last_piece(draft)
        if draft not in self._open:
            return  # another attempt has taken over
        outcome = ending(draft.bytes)
        ended = await self.insist(
            lambda: self._drafts.finish(
                draft.answer, draft.epoch, rest, outcome, model
            ),
            draft,
        )
        if ended is None:  # superseded, or done by a commit that went unheard
            self.discard(draft)
            return
        self._open.discard(draft)
        last = Piece(draft.answer, draft.epoch, ended.last_seq, rest)
        self._audience.show([last] if rest else [], [_end(draft, outcome, ended)])

    async def _last_piece(self, draft: Draft) -> str:
        """The end of the text, which is stored with the settlement; what is before it
        is stored first."""
        while True:
            while self._storing is not None:
                await _after(self._storing)
            rest = draft.take()
            if not draft.more or draft not in self._open:
                return rest
            draft.seq += 1
            piece = Piece(draft.answer, draft.epoch, draft.seq, rest)
            await self._append([(draft, piece)])

    def lost(self, draft: Draft) -> None:
        """Another attempt has taken the answer over: this one stops, unpaid."""
        self.discard(draft)
        draft.on_lost()

    def discard(self, draft: Draft) -> None:
        """Forgets a draft whose end is not written here; its readers look elsewhere."""
        self._ripe.pop(draft, None)
        if draft in self._open:
            self._open.discard(draft)
            self._audience.abandoned(draft.answer)

    async def insist(
        self, commit: Callable[[], Awaitable[T]], *drafts: Draft
    ) -> T | None:
        """What the database answers, however long it is away.

        None once none of these drafts is written here any more. For what is safe to
        repeat: a piece has its number, and an answer ends once.
        """
        waits = False
        while any(draft in self._open for draft in drafts):
            try:
                return await commit()
            except Unavailable:
                if not waits:
                    self.log.warn("answers wait for the database")
                waits = True
                await deferLater(self._reactor, AGAIN)
        return None

    # ---- ticks

    def _on_tick(self) -> None:
        if not self._open:
            self._timer = None
            self._parked.clear()
            return
        self._timer = self._reactor.callLater(self._tick, self._on_tick)
        if self._storing is not None or not self._parked:
            return  # if the database is slower than the models, they wait
        parked, self._parked = self._parked, {}
        for draft in parked:
            draft.resume()
        self._store_soon()

    def _store_soon(self) -> None:
        # One turn of the reactor reads every socket that has something.
        if self._soon is None and self._storing is None:
            self._soon = self._reactor.callLater(0, self._store)

    # ---- storing

    def _store(self) -> None:
        self._soon = None
        ripe, self._ripe = self._ripe, {}
        taken: list[tuple[Draft, Piece]] = []
        for draft in ripe:
            piece = self._next(draft)
            if piece is not None:
                taken.append((draft, piece))
        if not taken:
            return
        self._storing = Deferred()
        Deferred.fromCoroutine(self._append(taken)).addErrback(
            lambda failure: self.log.failure("storing text broke", failure)
        ).addBoth(self._stored)

    def _next(self, draft: Draft) -> Piece | None:
        try:
            text = draft.take()
        except Exception:  # a door: one stream's trouble is not the others'
            self.log.failure("reading answer {answer} broke", answer=draft.answer)
            self.lost(draft)
            return None
        if draft.more:
            self._ripe[draft] = None  # a next piece goes with the next statement
        if not text:
            return None
        draft.seq += 1
        return Piece(draft.answer, draft.epoch, draft.seq, text)

    def _stored(self, _: object) -> None:
        self._storing, storing = None, self._storing
        assert storing is not None, "a store ends once"
        storing.callback(None)
        if self._ripe:
            self._store_soon()

    async def _append(self, taken: list[tuple[Draft, Piece]]) -> None:
        pieces = [piece for _, piece in taken]
        try:
            stored = await self.insist(
                lambda: self._drafts.append(pieces), *(draft for draft, _ in taken)
            )
        except Exception:  # a door: one stream's text is not the others' trouble
            self.log.failure("storing {count} pieces broke", count=len(taken))
            if len(taken) > 1:
                for one in taken:
                    await self._append([one])
                return
            stored = None
        took = stored or frozenset()
        self._audience.show([piece for piece in pieces if piece.answer in took], [])
        for draft, piece in taken:
            if piece.answer not in took and draft in self._open:
                self.lost(draft)


def _end(draft: Draft, outcome: Ending, ended: Ended) -> End:
    return End(
        answer=draft.answer,
        epoch=draft.epoch,
        last_seq=ended.last_seq,
        state=outcome.state,
        finish=outcome.finish,
        cost=ended.charged,
        hold=draft.hold,
        available=ended.available,
        words=outcome.words,
        memory=outcome.memory,
    )


def _after(event: Deferred[None]) -> Deferred[None]:
    """A Deferred of one's own for an event that several wait for."""
    mine: Deferred[None] = Deferred()
    event.addCallback(lambda _: mine.callback(None))
    return mine
