"""Jobs on their way to the broker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import attrs
import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent

from tests.fakes.memory import MemoryBroker
from tests.fakes.results import begun, result_of
from zimgpt.domain.errors import Unavailable
from zimgpt.flows.ports import Ticket
from zimgpt.flows.relaying import BATCH, CONFIRM_EVERY, PATIENCE, Relay
from zimgpt.wire.jobs import JobMessage, decode

JOB = "00000000-0000-4000-9000-00000000000{}"


@attrs.define
class Rows:
    """The outbox (``ports.Outbox``)."""

    waiting: list[Ticket] = attrs.Factory(list)
    confirmed: list[list[int]] = attrs.Factory(list)
    asked: list[tuple[timedelta, int]] = attrs.Factory(list)
    trouble: Exception | None = None

    async def due(self, patience: timedelta, limit: int) -> tuple[Ticket, ...]:
        """What waits, taken by this caller."""
        self.asked.append((patience, limit))
        due, self.waiting = self.waiting, []
        return tuple(due)

    async def confirm(self, outbox: Sequence[int]) -> None:
        """Notes them."""
        if self.trouble is not None:
            raise self.trouble
        self.confirmed.append(list(outbox))


class Post:
    """A relay, its broker, its rows and its clock."""

    def __init__(self) -> None:
        self.clock, self.broker, self.rows = Clock(), MemoryBroker(), Rows()
        self.relay = Relay(self.clock, self.broker, self.rows)


@pytest.fixture
def post() -> Post:
    """A new one."""
    return Post()


def ticket(number: int, *, outbox: bool = True) -> Ticket:
    """A job of node ``here``."""
    return Ticket(JOB.format(number), "here", number if outbox else None)


def test_a_job_is_given_to_the_broker_at_once(post: Post) -> None:
    """A question does not wait for a sweep."""
    post.relay.publish(ticket(1))

    [(message_id, body)] = post.broker.published
    assert message_id == JOB.format(1)
    assert decode(body) == JobMessage(JOB.format(1), "here")


def test_confirmations_are_written_down_together(post: Post) -> None:
    """Many questions a second are few statements."""
    for number in (1, 2, 3):
        post.relay.publish(ticket(number))
    assert post.rows.confirmed == []

    post.clock.advance(CONFIRM_EVERY)

    assert post.rows.confirmed == [[1, 2, 3]]
    assert post.clock.getDelayedCalls() == []


def test_a_job_without_an_outbox_row_needs_no_confirmation(post: Post) -> None:
    """A job that is given again was confirmed before."""
    post.relay.publish(ticket(1, outbox=False))

    assert len(post.broker.published) == 1
    assert post.clock.getDelayedCalls() == []


def test_what_the_broker_did_not_take_stays_in_the_outbox(post: Post) -> None:
    """A publish is done only when it is confirmed."""
    post.broker.refuses = True

    post.relay.publish(ticket(1))
    post.clock.advance(CONFIRM_EVERY)

    assert post.rows.confirmed == []


def test_a_sweep_gives_again_what_is_due(post: Post) -> None:
    """A broker that was lost and rebuilt empty gets everything again."""
    post.rows.waiting = [ticket(1), ticket(2, outbox=False)]

    assert result_of(post.relay.sweep()) == 2

    assert [job for job, _ in post.broker.published] == [JOB.format(1), JOB.format(2)]
    assert post.rows.asked == [(PATIENCE, BATCH)]


def test_a_start_gives_everything_without_patience(post: Post) -> None:
    """A broker within the process begins empty."""
    assert result_of(post.relay.sweep(timedelta(0))) == 0

    assert post.rows.asked == [(timedelta(0), BATCH)]


def test_confirmations_that_are_not_noted_are_harmless(post: Post) -> None:
    """A job that is given twice is claimed once."""
    post.rows.trouble = Unavailable()

    post.relay.publish(ticket(1))
    post.clock.advance(CONFIRM_EVERY)

    assert post.rows.confirmed == []


def test_faults_are_written_down(post: Post, tidy: list[LogEvent]) -> None:
    """What breaks here is seen by an operator, and stops no question."""
    post.rows.trouble = ZeroDivisionError()
    post.relay.publish(ticket(1))
    post.clock.advance(CONFIRM_EVERY)
    post.broker.broken = True
    post.relay.publish(ticket(2))

    assert len(tidy) == 2
    tidy.clear()


def test_closing_writes_down_what_is_known(post: Post) -> None:
    """A restart does not give again what the broker has."""
    post.relay.publish(ticket(1))

    result_of(post.relay.close())

    assert post.rows.confirmed == [[1]]
    assert post.clock.getDelayedCalls() == []


def test_closing_with_nothing_to_note_is_quiet(post: Post) -> None:
    """No row, no statement."""
    result_of(post.relay.close())

    assert post.rows.confirmed == []


def test_a_confirmation_after_closing_starts_no_timer(post: Post) -> None:
    """Nothing keeps a stopping node alive."""
    gate: Deferred[None] = Deferred()
    post.broker.gates.append(gate)
    post.relay.publish(ticket(1))
    closing = begun(post.relay.close())

    gate.callback(None)

    assert result_of(closing) is None
    assert post.clock.getDelayedCalls() == []
