from collections.abc import Awaitable, Coroutine
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent
from twisted.python.failure import Failure

from zimgpt.broker.local import Local
from zimgpt.flows.ports import NoSuchNode, NotPublished, Outcome


def done(work: Coroutine[Deferred[Any], Any, object]) -> None:
    """Runs what needs no waiting."""
    failed: list[Failure] = []
    outcome = Deferred.fromCoroutine(work).addErrback(failed.append)

    assert outcome.called, "still waiting"
    for failure in failed:
        failure.raiseException()


class Work:
    """Jobs that go on until they are told to end."""

    def __init__(self) -> None:
        self.begun: list[bytes] = []
        self._under_way: dict[bytes, Deferred[Outcome]] = {}

    def __call__(self, body: bytes) -> Awaitable[Outcome]:
        self.begun.append(body)
        self._under_way[body] = Deferred()
        return self._under_way[body]

    def ends(self, body: bytes) -> None:
        """A job is done."""
        self._under_way.pop(body).callback(Outcome.DONE)

    def fails(self, body: bytes) -> None:
        """A job raises."""
        self._under_way.pop(body).errback(ValueError("no"))


def started(clock: Clock, work: Work | None, places: int = 2) -> Local:
    """A broker whose jobs are this work."""
    broker = Local(clock, node="here", answers_at_once=places)
    done(broker.start(on_job=work, on_message=lambda _: None))
    clock.advance(0)
    return broker


def test_jobs_begin_in_order_and_only_so_many_at_once() -> None:
    """First come, first served; a place that is free is taken."""
    clock, work = Clock(), Work()
    broker = started(clock, work)
    for body in (b"1", b"2", b"3", b"4"):
        done(broker.publish("id", body))
    clock.advance(0)
    assert work.begun == [b"1", b"2"]

    work.ends(b"2")
    clock.advance(0)

    assert work.begun == [b"1", b"2", b"3"]


def test_a_job_never_begins_within_the_publishers_call() -> None:
    """As with a real broker, a delivery comes from outside."""
    clock, work = Clock(), Work()
    broker = started(clock, work)

    done(broker.publish("id", b"1"))

    assert work.begun == []


def test_jobs_published_before_the_start_are_kept() -> None:
    """The relay may be quicker than the worker."""
    clock, work = Clock(), Work()
    broker = Local(clock, node="here", answers_at_once=2)
    done(broker.publish("id", b"1"))
    done(broker.send("here", b"m"))
    clock.advance(0)
    messages: list[bytes] = []

    done(broker.start(on_job=work, on_message=messages.append))
    clock.advance(0)

    assert (work.begun, messages) == ([b"1"], [b"m"])


def test_a_failing_job_waits_longer_each_time(tidy: list[LogEvent]) -> None:
    """One second, doubled up to thirty, while others go on."""
    clock, work = Clock(), Work()
    broker = started(clock, work, places=1)
    done(broker.publish("id", b"1"))
    clock.advance(0)

    waits = []
    for number in range(1, 8):
        work.fails(b"1")
        asleep = clock.seconds()
        while len(work.begun) == number:
            clock.advance(0.5)
        waits.append(clock.seconds() - asleep)

    assert [round(wait) for wait in waits] == [1, 2, 4, 8, 16, 30, 30]
    assert [event["log_failure"].type for event in tidy] == [ValueError] * 7
    tidy.clear()


def test_a_waiting_job_takes_no_place(tidy: list[LogEvent]) -> None:
    """The next job begins while a failed one waits."""
    clock, work = Clock(), Work()
    broker = started(clock, work, places=1)
    done(broker.publish("id", b"1"))
    done(broker.publish("id", b"2"))
    clock.advance(0)

    work.fails(b"1")
    clock.advance(0)

    assert work.begun == [b"1", b"2"]
    tidy.clear()
    done(broker.close())


def test_after_stopping_nothing_begins(tidy: list[LogEvent]) -> None:
    """Neither what is queued, nor what waits, nor what fails later."""
    clock, work = Clock(), Work()
    broker = started(clock, work)
    for body in (b"1", b"2", b"3"):
        done(broker.publish("id", body))
    clock.advance(0)
    work.fails(b"1")

    done(broker.stop_jobs())
    work.fails(b"2")
    clock.pump([0.0, 60.0])

    assert work.begun == [b"1", b"2"]
    assert clock.getDelayedCalls() == []
    tidy.clear()


def test_messages_reach_the_node_itself_in_order() -> None:
    """And not within the sender's own call."""
    clock = Clock()
    messages: list[bytes] = []
    broker = Local(clock, node="here", answers_at_once=1)
    done(broker.start(on_job=None, on_message=messages.append))

    for body in (b"1", b"2", b"3"):
        done(broker.send("here", body))
    assert messages == []
    clock.advance(0)

    assert messages == [b"1", b"2", b"3"]


def test_a_bad_message_does_not_hold_up_the_next(tidy: list[LogEvent]) -> None:
    """What cannot be used is logged and passed over."""
    clock = Clock()
    used: list[bytes] = []

    def use(body: bytes) -> None:
        if body == b"bad":
            raise ValueError("bad")
        used.append(body)

    broker = Local(clock, node="here", answers_at_once=1)
    done(broker.start(on_job=None, on_message=use))

    done(broker.send("here", b"bad"))
    done(broker.send("here", b"good"))
    clock.advance(0)

    assert used == [b"good"]
    assert [event["log_failure"].type for event in tidy] == [ValueError]
    tidy.clear()


def test_there_is_no_other_node() -> None:
    """A message for somebody else has nowhere to go."""
    broker = started(Clock(), None)

    with pytest.raises(NoSuchNode, match="called there"):
        done(broker.send("there", b"m"))


def test_closing_leaves_no_timer_and_takes_nothing_more() -> None:
    """A closed broker says so, and its clock is empty."""
    clock, work = Clock(), Work()
    broker = started(clock, work)
    done(broker.publish("id", b"1"))

    done(broker.close())

    assert clock.getDelayedCalls() == []
    with pytest.raises(NotPublished):
        done(broker.publish("id", b"2"))
    with pytest.raises(NoSuchNode):
        done(broker.send("here", b"m"))


def test_a_job_that_ends_after_closing_wakes_nothing() -> None:
    """What was under way may end in its own time."""
    clock, work = Clock(), Work()
    broker = started(clock, work)
    done(broker.publish("id", b"1"))
    clock.advance(0)
    done(broker.close())

    work.ends(b"1")

    assert clock.getDelayedCalls() == []
