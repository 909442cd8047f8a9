"""One reader's place in one answer, and who stands at either end of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.ports import End, Piece

GROUP = 8_192
"""Characters of stored text that are shown at once; a slow reader stops between."""


class Reader(Protocol):
    """Whoever shows an answer: a socket, a waiting request."""

    def text(self, subscription: Subscription, text: str) -> bool:
        """Shows text that ends at the subscription's place; False: not now."""
        ...

    def reset(self, subscription: Subscription) -> None:
        """Forgets the text, if there is any: the subscription's epoch begins."""
        ...

    def ended(self, subscription: Subscription, end: End) -> None:
        """Shows how it ended; nothing follows."""
        ...


class Subscription:
    """A reader's place ``(epoch, seq)``; ``tag`` is the reader's own name for it."""

    __slots__ = (
        "answer",
        "behind",
        "epoch",
        "joined",
        "mending",
        "missed",
        "reader",
        "seq",
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
        self.joined = False  # its reader is here
        self.behind = False  # its reader takes nothing until it is resumed
        self.mending = False  # what is stored is being read for it
        self.missed = False  # something came meanwhile

    @property
    def place(self) -> tuple[int, int]:
        """Up to where its reader has the text."""
        return self.epoch, self.seq


class Outlet(Protocol):
    """Takes frames to other nodes."""

    def show(self, pieces: Sequence[Piece], ends: Sequence[End]) -> None:
        """Sends each to the nodes that follow its answer."""
        ...

    def wanted(self, answer: AnswerId, writer: str) -> None:
        """Asks the node that writes an answer for its frames."""
        ...

    def forget(self, answer: AnswerId) -> None:
        """This answer is written here no more, and nobody was shown its end."""
        ...


def groups(pieces: Sequence[Piece]) -> Iterator[tuple[int, str]]:
    """Stored pieces joined to larger ones, so that a long catch-up is few frames.

    Yields the seq that each ends at, and its text.
    """
    texts: list[str] = []
    size = last = 0
    for piece in pieces:
        if texts and size + len(piece.text) > GROUP:
            yield last, "".join(texts)
            texts, size = [], 0
        texts.append(piece.text)
        size += len(piece.text)
        last = piece.seq
    if texts:
        yield last, "".join(texts)
