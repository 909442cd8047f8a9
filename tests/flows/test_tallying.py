"""What answers came to, as it is counted on their way to readers."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from twisted.internet.task import Clock

from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.ports import End, Piece
from zimgpt.flows.tallying import Tally

ANSWER = AnswerId("one")


@attrs.define
class Heard:
    """Readers that note what they are shown."""

    shown: list[object] = attrs.Factory(list)

    def show(self, pieces: Sequence[Piece], ends: Sequence[End]) -> None:
        """Text and ends."""
        self.shown += [*pieces, *ends]

    def abandoned(self, answer: AnswerId) -> None:
        """Nobody here writes it any more."""
        self.shown.append(answer)


def end(cost: int = 7) -> End:
    """A plain end."""
    return End(
        ANSWER, 1, 2, State.COMPLETE, Finish.STOP, Tokens(cost), Tokens(9), Tokens(90)
    )


def test_first_text_and_end_are_timed_from_the_claim() -> None:
    """A second piece is no first one; everything is passed on as it came."""
    clock, heard = Clock(), Heard()
    tally = Tally(clock, heard)
    pieces = [Piece(ANSWER, 1, seq, "text") for seq in (1, 2)]
    tally.claimed(ANSWER)

    clock.advance(2)
    tally.show(pieces[:1], [])
    clock.advance(3)
    tally.show(pieces[1:], [end()])

    assert (tally.first_text.count, tally.first_text.sum) == (1, 2.0)
    assert (tally.whole.count, tally.whole.sum) == (1, 5.0)
    assert (tally.ended, tally.tokens) == ({"stop": 1}, 7)
    assert heard.shown == [*pieces, end()]


def test_what_is_taken_over_counts_for_nothing() -> None:
    """Its end is counted where it is written."""
    clock, heard = Clock(), Heard()
    tally = Tally(clock, heard)
    tally.claimed(ANSWER)

    tally.abandoned(ANSWER)

    assert tally.first_text.count == tally.whole.count == 0
    assert heard.shown == [ANSWER]
    tally.show([Piece(ANSWER, 2, 1, "text")], [])
    assert tally.first_text.count == 0
