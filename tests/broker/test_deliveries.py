from collections.abc import Awaitable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent

from tests.broker.channels import FakeChannel, FakeLink
from zimgpt.broker.deliveries import APART, AT_ONCE, Deliveries
from zimgpt.flows.ports import Outcome


class World:
    """A node that takes two jobs at once, and its channels to the broker."""

    def __init__(self, most: int = 2) -> None:
        self.clock = Clock()
        self.begun: list[bytes] = []
        self.work: dict[bytes, Deferred[Outcome]] = {}
        self.link = FakeLink()
        self.deliveries = Deliveries(self.clock, self._on_job, most=most)

    def _on_job(self, body: bytes) -> Awaitable[Outcome]:
        self.begun.append(body)
        self.work[body] = Deferred()
        return self.work[body]

    def consume(self) -> FakeChannel:
        """Begins on a new link; its channel."""
        self.link = FakeLink()
        assert Deferred.fromCoroutine(self.deliveries.consume(self.link.real)).called
        return self.link.opened[0]

    def stop(self) -> None:
        """Stops taking jobs."""
        assert Deferred.fromCoroutine(self.deliveries.stop()).called


BEGINNING: list[tuple[Any, ...]] = [("qos", 2), ("consume", "zimgpt.jobs")]


def test_a_job_is_acknowledged_when_its_work_returns() -> None:
    """Not before: until then it is the broker's."""
    world = World()
    channel = world.consume()
    channel.offers(1, b"a")
    assert channel.said == BEGINNING

    world.work[b"a"].callback(Outcome.DONE)

    assert channel.said == [*BEGINNING, ("ack", 1)]


def test_a_dead_job_is_put_among_the_dead_letters() -> None:
    """The broker moves what is rejected there; it is not offered again."""
    world = World()
    channel = world.consume()
    channel.offers(1, b"a")

    world.work[b"a"].callback(Outcome.DEAD)

    assert channel.said == [*BEGINNING, ("reject", 1, False)]


def test_a_failing_job_is_given_back_after_longer_and_longer(
    tidy: list[LogEvent],
) -> None:
    """The broker counts the deliveries; the wait doubles with each, up to thirty."""
    world = World()
    channel = world.consume()

    waits = []
    for tag, headers in enumerate(
        (None, {}, *({"x-delivery-count": count} for count in (1, 4, 9))), start=1
    ):
        channel.offers(tag, b"a", headers)
        world.work[b"a"].errback(ValueError())
        begun = world.clock.seconds()
        while channel.said[-1] != ("nack", tag, True):
            world.clock.advance(0.5)
        waits.append(world.clock.seconds() - begun)

    assert waits == [1, 1, 2, 16, 30]
    assert [event["log_failure"].type for event in tidy] == [ValueError] * 5
    tidy.clear()


def test_old_work_keeps_its_places_on_a_new_link() -> None:
    """Reconnecting never doubles what is under way."""
    world = World()
    first = world.consume()
    first.offers(1, b"a")
    first.offers(2, b"b")
    first.closes()
    second = world.consume()
    second.offers(1, b"c")
    assert world.begun == [b"a", b"b"]

    world.work[b"a"].callback(Outcome.DONE)

    assert world.begun == [b"a", b"b", b"c"]
    assert first.said == BEGINNING


def test_a_job_whose_link_was_lost_while_it_waited_is_left() -> None:
    """The broker offers it again, so it is not begun twice."""
    world = World()
    first = world.consume()
    first.offers(1, b"a")
    first.offers(2, b"b")
    first.closes()
    second = world.consume()
    second.offers(1, b"a")
    second.closes()

    world.work[b"a"].callback(Outcome.DONE)

    assert world.begun == [b"a", b"b"]


def test_a_new_link_ends_the_waits_of_the_old_one(tidy: list[LogEvent]) -> None:
    """What was to be given back on a lost link holds no place on the next."""
    world = World()
    first = world.consume()
    first.offers(1, b"a", {"x-delivery-count": 4})
    world.work[b"a"].errback(ValueError())
    first.closes()

    world.consume()

    assert world.clock.getDelayedCalls() == []
    assert first.said == BEGINNING
    tidy.clear()


def test_many_at_once_begin_one_after_the_other() -> None:
    """A few at once, the others soon, in their order; what stops gives them back."""
    world = World(most=1000)
    channel = world.consume()
    jobs = [str(number).encode() for number in range(2 * AT_ONCE)]
    for tag, body in enumerate(jobs):
        channel.offers(tag, body)
    at_once = list(world.begun)
    world.clock.advance(APART)
    soon = list(world.begun)
    world.clock.pump([APART] * 9)

    world.stop()

    assert (at_once, soon) == (jobs[:AT_ONCE], jobs[: AT_ONCE + 1])
    assert world.begun == jobs[: AT_ONCE + 10]
    back = [("nack", tag, True) for tag in range(AT_ONCE + 10, 2 * AT_ONCE)]
    assert sorted(channel.said[3:]) == back
    assert world.clock.getDelayedCalls() == []


def test_after_stopping_only_what_is_under_way_goes_on(tidy: list[LogEvent]) -> None:
    """It is acknowledged; what waits or fails later goes back at once."""
    world = World()
    channel = world.consume()
    channel.offers(1, b"a")
    channel.offers(2, b"b")
    world.work[b"a"].errback(ValueError())

    world.stop()
    assert channel.said[2:] == [("cancel", True), ("nack", 1, True)]
    world.work[b"b"].callback(Outcome.DONE)
    channel.offers(3, b"c")

    assert channel.said[4:] == [("ack", 2), ("nack", 3, True)]
    assert world.clock.getDelayedCalls() == []
    tidy.clear()


def test_after_stopping_a_new_link_takes_nothing() -> None:
    """A node that drains stays drained when its broker comes back."""
    world = World()
    world.consume()
    world.stop()
    world.link = FakeLink()

    assert Deferred.fromCoroutine(world.deliveries.consume(world.link.real)).called

    assert world.link.opened == []


def test_stopping_while_a_link_is_made_ready() -> None:
    """The consumer that was about to begin does not."""
    world = World()
    world.link.slow = Deferred()
    consuming = Deferred.fromCoroutine(world.deliveries.consume(world.link.real))

    world.stop()
    world.link.slow.callback(None)

    assert consuming.called
    assert world.link.opened[0].said == [("qos", 2)]


def test_stopping_without_a_link_or_on_a_lost_one() -> None:
    """Nothing is consumed, so there is nothing to cancel."""
    unborn, lost = World(), World()
    lost.consume().closes()

    unborn.stop()
    lost.stop()
