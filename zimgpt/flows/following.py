"""Answers on their way to readers: live from memory, any gap from PostgreSQL.

A subscription has a place ``(epoch, seq)`` in an answer. Live frames that continue
from there are passed on; whatever else happens - a missed frame, a reader that was
too slow, a writer that died - is mended in one way, by reading what is stored from
that place on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import NotFound, Unavailable
from zimgpt.flows.ports import Answers, End, Piece, Reading
from zimgpt.flows.subscriptions import Outlet, Subscription, groups

T = TypeVar("T")

STALE = 3.0
"""Seconds without news after which an answer is looked up."""


class Audience:
    """Everybody on this node who reads an answer that is not finished."""

    log = Logger()

    def __init__(self, reactor: IReactorTime, answers: Answers, node: str) -> None:
        self._reactor = reactor
        self._answers = answers
        self._node = node
        self._readers: dict[AnswerId, list[Subscription]] = {}
        self._heard: dict[AnswerId, float] = {}
        self.outlet: Outlet | None = None

    @property
    def followed(self) -> int:
        """Answers that somebody here reads."""
        return len(self._readers)

    def follows(self, answer: AnswerId) -> bool:
        """Whether somebody here reads it."""
        return answer in self._readers

    # ---- joining and leaving

    def join(self, subscription: Subscription) -> None:
        """Passes live frames on from now."""
        subscription.joined = True
        self._readers.setdefault(subscription.answer, []).append(subscription)
        self._heard[subscription.answer] = self._reactor.seconds()

    def leave(self, subscription: Subscription) -> None:
        """Ends a subscription; the answer itself goes on."""
        if not subscription.joined:
            return
        subscription.joined = False
        readers = self._readers[subscription.answer]
        readers.remove(subscription)
        if not readers:
            del self._readers[subscription.answer]
            del self._heard[subscription.answer]

    async def follow(
        self,
        subscription: Subscription,
        epoch: int,
        seq: int,
        announce: Callable[[Reading], None],
    ) -> None:
        """Joins an answer from where its reader is; raises NotFound, Unavailable.

        The subscription's place is the reader's if that is still good, and the
        beginning of the present epoch if not. ``announce`` is called when the place
        is known, before the first text; not for a reader that has left meanwhile.
        """
        subscription.mending = True  # live frames wait until the stored ones are out
        self.join(subscription)
        try:
            start, reading = await self._read(subscription, epoch, seq)
            if subscription.joined:
                subscription.epoch, subscription.seq = max(reading.epoch, 1), start
                announce(reading)
                self._mended(subscription, reading)
        except BaseException:  # whatever it was, its reader does not wait any more
            self.leave(subscription)
            raise

    async def _read(
        self, subscription: Subscription, epoch: int, seq: int
    ) -> tuple[int, Reading]:
        """What is stored after a place, and the seq it begins after.

        That is 0 for a place that does not exist: of another epoch, or beyond what
        a database knows that has lost its last moments.
        """
        user, answer = subscription.user, subscription.answer
        reading = await self._answers.read(user, answer, epoch, seq)
        if epoch != reading.epoch:
            return 0, reading
        if seq <= reading.last_seq:
            return seq, reading
        return 0, await self._answers.read(user, answer, epoch, 0)

    # ---- live frames

    def show(self, pieces: Sequence[Piece], ends: Sequence[End]) -> None:
        """Frames of answers written on this node: to readers here and elsewhere."""
        self.hear(pieces, ends)
        if self.outlet is not None:
            self.outlet.show(pieces, ends)

    def hear(self, pieces: Sequence[Piece], ends: Sequence[End]) -> None:
        """Frames, wherever they come from, to the readers on this node."""
        now = self._reactor.seconds()
        for piece in pieces:
            readers = self._readers.get(piece.answer)
            if readers is not None:
                self._heard[piece.answer] = now
                for subscription in tuple(readers):
                    self._guarded(self._pass_on, subscription, piece)
        for end in ends:
            for subscription in tuple(self._readers.get(end.answer, ())):
                self._guarded(self._end, subscription, end)

    def resume(self, subscription: Subscription) -> None:
        """A reader that was too slow can take more."""
        if subscription.behind:
            subscription.behind = False
            self._mend(subscription)

    def heal(self, answer: AnswerId) -> None:
        """Something about this answer was not heard: read it for everybody here."""
        for subscription in tuple(self._readers.get(answer, ())):
            self._mend(subscription)

    def abandoned(self, answer: AnswerId) -> None:
        """An answer is written here no more, and its end, if any, was not seen."""
        if self.outlet is not None:
            self.outlet.forget(answer)
        self.heal(answer)

    async def look_up(self) -> None:
        """Finds answers whose frames have stopped coming, and mends them."""
        before = self._reactor.seconds() - STALE
        quiet = [answer for answer, heard in self._heard.items() if heard <= before]
        if not quiet:
            return
        for progress in await self._answers.progress(quiet):
            self._ask(progress.answer, progress.writer)
            stored = (progress.epoch, progress.last_seq)
            for subscription in tuple(self._readers.get(progress.answer, ())):
                if progress.ended or subscription.place < stored:
                    self._mend(subscription)

    # ---- one subscription

    def _guarded(
        self,
        act: Callable[[Subscription, T], None],
        subscription: Subscription,
        news: T,
    ) -> None:
        """Tells one reader, if it is still here; its trouble is not the others'."""
        if not subscription.joined:
            return
        try:
            act(subscription, news)
        except Exception:  # a door: what a reader does with its news is its own
            self.log.failure("a reader broke")
            self.leave(subscription)

    def _pass_on(self, subscription: Subscription, piece: Piece) -> None:
        if subscription.behind:
            return
        if subscription.mending:
            subscription.missed = True
        elif piece.epoch == subscription.epoch and piece.seq == subscription.seq + 1:
            self._shown(subscription, piece.seq, piece.text)
        elif piece.epoch > subscription.epoch and piece.seq == 1:
            self._reset(subscription, piece.epoch)
            self._shown(subscription, piece.seq, piece.text)
        elif (piece.epoch, piece.seq) > subscription.place:
            self._mend(subscription)

    def _shown(self, subscription: Subscription, seq: int, text: str) -> bool:
        before, subscription.seq = subscription.seq, seq
        if subscription.reader.text(subscription, text):
            return True
        subscription.seq = before
        subscription.behind = True
        return False

    def _reset(self, subscription: Subscription, epoch: int) -> None:
        # Told even when there was no text yet: a reader must know its place.
        subscription.epoch, subscription.seq = epoch, 0
        subscription.reader.reset(subscription)

    def _end(self, subscription: Subscription, end: End) -> None:
        waits = subscription.mending or subscription.behind
        if waits or subscription.place != (max(end.epoch, 1), end.last_seq):
            self._mend(subscription)
        else:
            self._finish(subscription, end)

    def _finish(self, subscription: Subscription, end: End) -> None:
        self.leave(subscription)
        subscription.reader.ended(subscription, end)

    # ---- mending

    def _mend(self, subscription: Subscription) -> None:
        if subscription.behind or not subscription.joined:
            return  # resuming reads everything
        if subscription.mending:
            subscription.missed = True
            return
        subscription.mending = True
        subscription.missed = False  # what was heard up to now is stored
        Deferred.fromCoroutine(self._read_on(subscription))

    async def _read_on(self, subscription: Subscription) -> None:
        try:
            start, reading = await self._read(subscription, *subscription.place)
        except NotFound:
            self.leave(subscription)  # deleted meanwhile
        except Unavailable:
            subscription.mending = False  # the next frame or look-up tries again
        except Exception:  # a door: nobody waits for this but its reader
            self.log.failure("mending broke")
            subscription.mending = False
        else:
            self._guarded(self._read_from, subscription, (start, reading))

    def _read_from(
        self, subscription: Subscription, found: tuple[int, Reading]
    ) -> None:
        start, reading = found
        epoch = max(reading.epoch, 1)
        if subscription.place != (epoch, start):
            self._reset(subscription, epoch)
        self._mended(subscription, reading)

    def _mended(self, subscription: Subscription, reading: Reading) -> None:
        subscription.mending = False
        self._ask(reading.answer, reading.writer)
        for seq, text in groups(reading.pieces):
            if not self._shown(subscription, seq, text):
                return
        if reading.end is not None:
            self._finish(subscription, reading.end)
        elif subscription.missed:
            self._mend(subscription)

    def _ask(self, answer: AnswerId, writer: str) -> None:
        if self.outlet is not None and writer not in ("", self._node):
            self.outlet.wanted(answer, writer)
