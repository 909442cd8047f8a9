"""Rounds of forgetting."""

from __future__ import annotations

from datetime import timedelta

import attrs

from tests.fakes.results import result_of
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.forgetting import BATCH, BATCHES, Forgetting
from zimgpt.flows.ports import Folded

CHUNKS = timedelta(hours=24)
INBOX = timedelta(days=30)


@attrs.define
class Rows:
    """What there is to forget (``ports.Retention``)."""

    answers: int = 0
    arrivals: int = 0
    unread: int = 0
    files: int = 0
    tries: int = 0
    mine: bool = True
    differing: tuple[AnswerId, ...] = ()
    commits: int = 0

    async def turn(self, _every: timedelta) -> bool:
        """Whose turn it is."""
        return self.mine

    async def fold_answers(self, after: timedelta, limit: int) -> Folded:
        """Some of them."""
        assert after == CHUNKS
        self.commits += 1
        count = min(self.answers, limit)
        self.answers -= count
        return Folded(count, self.differing)

    async def blank_arrivals(self, after: timedelta, limit: int) -> int:
        """Some of them."""
        assert after == INBOX
        self.commits += 1
        count = min(self.arrivals, limit)
        self.arrivals -= count
        return count

    async def refund_unread(self, after: timedelta, limit: int) -> int:
        """Some of them."""
        assert after == timedelta(hours=1)
        self.commits += 1
        count = min(self.unread, limit)
        self.unread -= count
        return count

    async def forget_files(self, after: timedelta, limit: int) -> int:
        """Some of them."""
        assert after == timedelta(days=1)
        self.commits += 1
        count = min(self.files, limit)
        self.files -= count
        return count

    async def forget_tries(self, after: timedelta, limit: int) -> int:
        """Some of them."""
        assert after == timedelta(days=1)
        self.commits += 1
        count = min(self.tries, limit)
        self.tries -= count
        return count


def round_of(rows: Rows) -> None:
    """One."""
    result_of(Forgetting(rows, CHUNKS, INBOX).round())


def test_all_that_is_due_goes_in_batches() -> None:
    """Each is a commit of its own, so that nobody waits long."""
    rows = Rows(answers=2 * BATCH + 1, arrivals=3, unread=BATCH, files=1, tries=2)

    round_of(rows)

    assert rows == Rows(commits=8)


def test_a_round_has_an_end() -> None:
    """What is left after very much waits for the next one."""
    rows = Rows(answers=BATCH * BATCHES + 5)

    round_of(rows)

    assert rows.answers == 5


def test_another_nodes_turn() -> None:
    """One at a time."""
    rows = Rows(answers=5, arrivals=5, mine=False)

    round_of(rows)

    assert rows == Rows(answers=5, arrivals=5, mine=False)


def test_what_differs_is_no_reason_to_go_on() -> None:
    """Answers that cannot be folded come again in every batch."""
    rows = Rows(differing=(AnswerId("a"),))

    round_of(rows)

    assert rows.commits == 5
