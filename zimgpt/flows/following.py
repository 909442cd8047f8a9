"""Answers on their way to readers: live from memory, any gap from PostgreSQL.

A subscription has a place ``(epoch, seq)`` in an answer. Live frames that continue
from there are passed on; whatever else happens - a missed frame, a reader that was
too slow, a writer that died - is mended in one way, by reading what is stored from
that place on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import NotFound, Unavailable
from zimgpt.flows.ports import Answers, End, Piece, Reading

STALE = 3.0
"""Seconds without news after which an answer written elsewhere is looked up."""

GROUP = 8_192
"""Characters of stored text that are shown at once; a slow reader stops between."""


class Reader(Protocol):
    """Whoever shows an answer: a socket, a waiting request."""

    def text(self, subscription: Subscription, text: str) -> bool:
        """Shows text that ends at the subscription's place; False: not now."""
        ...

    def reset(self, subscription: Subscription) -> None:
        """Forgets the text: another epoch begins."""
        ...

    def ended(self, subscription: Subscription, end: End) -> None:
        """Shows how it ended; nothing follows."""
        ...


class Subscription:
    """One reader's place in one answer."""

    __slots__ = (
        "answer",
        "behind",
        "epoch",
        "mending",
        "missed",
        "reader",
        "seq",
        "shown",
        "tag",
        "user",
    )

    def __init__(
        self, user: UserId, answer: AnswerId, reader: Reader, tag: int, epoch: int
    ) -> None:
        self.user = user
        self.answer = answer
        self.reader = reader
        self.tag = tag
        self.epoch = epoch
        self.seq = 0
        self.shown = 0  # its reader's own note of what has gone out
        self.behind = False  # its reader cannot take more just now
        self.mending = False  # what is stored is being read for it
        self.missed = False  # something came meanwhile


class Outlet(Protocol):
    """Takes frames to other nodes."""

    def show(self, pieces: Sequence[Piece], ends: Sequence[End]) -> None:
        """Sends each to the nodes that follow its answer."""
        ...

    def wanted(self, answer: AnswerId, writer: str) -> None:
        """Asks the node that writes an answer for its frames."""
        ...


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

    # ---- joining and leaving

    def join(self, subscription: Subscription) -> None:
        """Passes live frames on from now."""
        self._readers.setdefault(subscription.answer, []).append(subscription)
        self._heard[subscription.answer] = self._reactor.seconds()

    def leave(self, subscription: Subscription) -> None:
        """Ends a subscription; the answer itself goes on."""
        readers = self._readers.get(subscription.answer)
        if readers is None or subscription not in readers:
            return
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
        is known, before the first text.
        """
        subscription.mending = True  # live frames wait until the stored ones are out
        self.join(subscription)
        try:
            reading = await self._read_from(subscription, epoch, seq)
        except (NotFound, Unavailable):
            self.leave(subscription)
            raise
        announce(reading)
        self._mended(subscription, reading)

    async def _read_from(
        self, subscription: Subscription, epoch: int, seq: int
    ) -> Reading:
        user, answer = subscription.user, subscription.answer
        reading = await self._answers.read(user, answer, epoch, seq)
        subscription.epoch = max(reading.epoch, 1)
        if epoch == reading.epoch and seq <= reading.last_seq:
            subscription.seq = seq
        elif epoch == reading.epoch:  # a place that does not exist: from the start
            reading = await self._answers.read(user, answer, epoch, 0)
        return reading

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
                for subscription in readers:
                    self._pass_on(subscription, piece)
        for end in ends:
            for subscription in tuple(self._readers.get(end.answer, ())):
                self._end(subscription, end)

    def resume(self, subscription: Subscription) -> None:
        """A reader that was too slow can take more."""
        if subscription.behind:
            self._mend(subscription)

    def heal(self, answer: AnswerId) -> None:
        """Something about this answer was not heard: read it for everybody here."""
        for subscription in tuple(self._readers.get(answer, ())):
            self._mend(subscription)

    async def look_up(self) -> None:
        """Finds answers whose frames have stopped coming, and mends them."""
        before = self._reactor.seconds() - STALE
        quiet = [answer for answer, heard in self._heard.items() if heard <= before]
        if not quiet:
            return
        for progress in await self._answers.progress(quiet):
            if progress.writer not in ("", self._node) and self.outlet is not None:
                self.outlet.wanted(progress.answer, progress.writer)
            place = (progress.epoch, progress.last_seq)
            for subscription in tuple(self._readers.get(progress.answer, ())):
                if progress.ended or (subscription.epoch, subscription.seq) < place:
                    self._mend(subscription)

    # ---- one subscription

    def _pass_on(self, subscription: Subscription, piece: Piece) -> None:
        if subscription.mending or subscription.behind:
            subscription.missed = True
            return
        if piece.epoch > subscription.epoch and piece.seq == 1:
            self._reset(subscription, piece.epoch)
        if piece.epoch == subscription.epoch and piece.seq == subscription.seq + 1:
            subscription.seq = piece.seq
            if not subscription.reader.text(subscription, piece.text):
                subscription.seq -= 1
                subscription.behind = True
        elif (piece.epoch, piece.seq) > (subscription.epoch, subscription.seq):
            self._mend(subscription)

    def _reset(self, subscription: Subscription, epoch: int) -> None:
        shown = subscription.seq > 0
        subscription.epoch = epoch
        subscription.seq = 0
        if shown:
            subscription.reader.reset(subscription)

    def _end(self, subscription: Subscription, end: End) -> None:
        if subscription.mending or subscription.behind:
            subscription.missed = True
            return
        if (subscription.epoch, subscription.seq) != (max(end.epoch, 1), end.last_seq):
            self._mend(subscription)
            return
        self.leave(subscription)
        subscription.reader.ended(subscription, end)

    def _mend(self, subscription: Subscription) -> None:
        if subscription.mending:
            subscription.missed = True
            return
        subscription.mending = True
        Deferred.fromCoroutine(self._read_on(subscription)).addErrback(
            lambda failure: self.log.failure("mending broke", failure)
        )

    async def _read_on(self, subscription: Subscription) -> None:
        user, answer = subscription.user, subscription.answer
        epoch, seq = subscription.epoch, subscription.seq
        try:
            reading = await self._answers.read(user, answer, epoch, seq)
        except Unavailable:
            subscription.mending = False  # the next look-up tries again
        except NotFound:
            self.leave(subscription)  # deleted meanwhile
        else:
            self._mended(subscription, reading)

    def _mended(self, subscription: Subscription, reading: Reading) -> None:
        subscription.mending = subscription.behind = False
        if subscription not in self._readers.get(subscription.answer, ()):
            return  # the reader has gone
        self._ask_writer(reading)
        self._catch_up(subscription, reading)
        if subscription.missed:
            subscription.missed = False
            if reading.end is None:
                self._mend(subscription)

    def _catch_up(self, subscription: Subscription, reading: Reading) -> None:
        if reading.epoch > subscription.epoch:
            self._reset(subscription, reading.epoch)
        for seq, text in _groups(reading.pieces):
            before = subscription.seq
            subscription.seq = seq
            if not subscription.reader.text(subscription, text):
                subscription.seq = before
                subscription.behind = True
                return
        if reading.end is not None:
            self._end(subscription, reading.end)

    def _ask_writer(self, reading: Reading) -> None:
        if self.outlet is not None and reading.writer not in ("", self._node):
            self.outlet.wanted(reading.answer, reading.writer)


def _groups(pieces: Sequence[Piece]) -> Iterator[tuple[int, str]]:
    """Stored pieces joined to larger ones, so that a long catch-up is few frames."""
    texts: list[str] = []
    size = 0
    for piece in pieces:
        texts.append(piece.text)
        size += len(piece.text)
        if size >= GROUP:
            yield piece.seq, "".join(texts)
            texts, size = [], 0
    if texts:
        yield pieces[-1].seq, "".join(texts)
