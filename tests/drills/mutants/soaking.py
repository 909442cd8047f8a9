"""A node that counts its objects for us, and one that never forgets text."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.ports import Piece
from zimgpt.store.drafts import PgDrafts

OBJECTS = "DRILL_OBJECTS"
"""The variable that names the file for the count."""

EVERY = 10.0  # seconds
COPIES = 20
"""How much is kept of each piece, so that minutes show what hours would."""


def counting() -> None:
    """Writes every now and then how many objects the garbage collector watches."""
    from twisted.internet import reactor
    from twisted.internet.task import LoopingCall

    place = Path(os.environ[OBJECTS])
    call = LoopingCall(lambda: place.write_text(str(len(gc.get_objects()))))
    reactor.callWhenRunning(call.start, EVERY)


def counting_leak() -> None:
    """The same with a leak."""
    counting()
    kept: list[str] = []
    append = PgDrafts.append

    async def remember(self: PgDrafts, pieces: Sequence[Piece]) -> frozenset[AnswerId]:
        kept.extend(f"{n} {p.text} " * 50 for n in range(COPIES) for p in pieces)
        return await append(self, pieces)

    PgDrafts.append = remember  # type: ignore[method-assign]


MUTANTS: Mapping[str, Callable[[], None]] = {
    "counting": counting,
    "counting-leak": counting_leak,
}
