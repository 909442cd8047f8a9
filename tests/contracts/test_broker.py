"""What every broker promises, on each of them."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator
from typing import cast

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import LogEvent

from tests.broker.arrivals import Arrivals, Jobs, failing_first
from zimgpt.broker.local import Local
from zimgpt.broker.rabbitmq import RabbitMQ
from zimgpt.flows.ports import Broker, NoSuchNode, NotPublished, Outcome, Work

Start = Callable[..., Awaitable[Broker]]


@pytest.fixture(params=["local", "rabbitmq"])
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    """Starts the broker of a node called ``here``; it is closed afterwards."""
    from twisted.internet import reactor

    clock = cast("IReactorTime", reactor)
    # Asked for here, because starting a server takes longer than a test may.
    url = "" if request.param == "local" else request.getfixturevalue("vhost")
    started: list[Broker] = []

    def make(places: int) -> Broker:
        if request.param == "local":
            return Local(clock, node="here", answers_at_once=places)
        return RabbitMQ(
            clock,
            node="here",
            url=url,
            answers_at_once=places,
            random=random.random,
        )

    async def start(
        on_job: Work | None,
        on_message: Callable[[bytes], None] = lambda _: None,
        places: int = 8,
    ) -> Broker:
        started.append(make(places))
        await started[-1].start(on_job=on_job, on_message=on_message)
        return started[-1]

    yield start
    for broker in started:
        pytest_twisted.blockon(  # type: ignore[no-untyped-call]
            Deferred.fromCoroutine(broker.close())
        )


async def test_a_published_job_arrives(start: Start) -> None:
    """Its body is what was published."""
    jobs = Jobs()
    broker = await start(jobs)

    await broker.publish("m1", b"one")

    assert await jobs.begun.until(1) == [b"one"]


async def test_a_failing_job_is_offered_again(
    start: Start, tidy: list[LogEvent]
) -> None:
    """Until its work returns."""
    arrivals = Arrivals()
    broker = await start(failing_first(arrivals))

    await broker.publish("m1", b"one")

    assert await arrivals.until(1) == [b"one"]
    assert [event["log_failure"].type for event in tidy] == [ValueError]
    tidy.clear()


async def depth(broker: Broker, wanted: int) -> int:
    """How many dead letters there are, when they are so many or after a while."""
    from twisted.internet import reactor

    for _ in range(200):
        if await broker.dead_letters.depth() == wanted:
            break
        await deferLater(cast("IReactorTime", reactor), 0.02)
    return await broker.dead_letters.depth()


async def test_a_dead_job_leaves_a_letter(start: Start) -> None:
    """One for each; a job that is done leaves none."""
    jobs = Jobs(outcome=Outcome.DEAD)
    broker = await start(jobs)
    assert await depth(broker, 0) == 0

    await broker.publish("m1", b"one")
    await broker.publish("m2", b"two")

    await jobs.begun.until(2)
    assert await depth(broker, 2) == 2


async def test_dead_letters_are_put_right(start: Start) -> None:
    """One is left for each dead job, whatever was there, and again after that."""
    jobs = Jobs(outcome=Outcome.DEAD)
    broker = await start(jobs)
    for id in ("dead", "dead", "revived"):
        await broker.publish(id, id.encode())
    await depth(broker, 3)

    async def dead() -> dict[str, bytes]:
        return {"dead": b"dead", "forgotten": b"forgotten"}

    async def none() -> dict[str, bytes]:
        return {}

    assert await broker.dead_letters.sort(dead) == 3
    assert await depth(broker, 2) == 2
    assert await broker.dead_letters.sort(dead) == 0
    assert await depth(broker, 2) == 2
    assert await broker.dead_letters.sort(none) == 2
    assert await depth(broker, 0) == 0


async def test_only_so_many_jobs_at_once(start: Start) -> None:
    """A node takes what it has places for."""
    jobs = Jobs(held=True)
    messages = Arrivals()
    broker = await start(jobs, messages, places=3)
    for number in range(10):
        await broker.publish(f"m{number}", b"%d" % number)

    await jobs.begun.until(3)
    await broker.send("here", b"later")
    await messages.until(1)
    assert len(jobs.begun.bodies) == 3
    for number in range(4, 11):
        jobs.let_go()
        await jobs.begun.until(number)
    jobs.let_go(3)

    assert jobs.most_at_once == 3
    assert sorted(jobs.begun.bodies) == [b"%d" % number for number in range(10)]


async def test_a_node_without_work_takes_no_jobs(start: Start) -> None:
    """A web node publishes, and receives messages alone."""
    messages = Arrivals()
    broker = await start(None, messages)

    await broker.publish("m1", b"one")
    await broker.send("here", b"two")

    assert await messages.until(1) == [b"two"]


async def test_messages_arrive_in_order(start: Start) -> None:
    """From one node to another, what was sent first comes first."""
    messages = Arrivals()
    broker = await start(None, messages)
    bodies = [b"%d" % number for number in range(50)]

    for body in bodies:
        await broker.send("here", body)

    assert await messages.until(50) == bodies


async def test_a_bad_message_does_not_hold_up_the_next(
    start: Start, tidy: list[LogEvent]
) -> None:
    """What a node cannot use is logged and passed over."""
    messages = Arrivals()

    def use(body: bytes) -> None:
        if body == b"bad":
            raise ValueError("bad")
        messages(body)

    broker = await start(None, use)

    await broker.send("here", b"bad")
    await broker.send("here", b"good")

    assert await messages.until(1) == [b"good"]
    assert [event["log_failure"].type for event in tidy] == [ValueError]
    tidy.clear()


async def test_an_unknown_node_is_told_apart(start: Start) -> None:
    """The sender learns at once that nobody will get it."""
    broker = await start(None)

    with pytest.raises(NoSuchNode, match="nowhere"):
        await broker.send("nowhere", b"x")


async def test_a_broadcast_does_not_come_back(start: Start) -> None:
    """It is for every other node, and none other is there."""
    messages = Arrivals()
    broker = await start(None, messages)

    await broker.broadcast(b"all")
    await broker.send("here", b"me")

    assert await messages.until(1) == [b"me"]


async def test_each_of_many_gets_its_own_outcome(start: Start) -> None:
    """Of 400 at once, every seventh goes nowhere and all others arrive."""
    jobs = Jobs()
    broker = await start(jobs)

    async def outcome(number: int) -> str:
        try:
            if number % 7 == 0:
                await broker.send("nowhere", b"x")
            else:
                await broker.publish(f"m{number}", b"%d" % number)
        except NoSuchNode:
            return "nowhere"
        return "safe"

    outcomes = await gatherResults(
        Deferred.fromCoroutine(outcome(number)) for number in range(400)
    )

    expected = ["nowhere" if number % 7 == 0 else "safe" for number in range(400)]
    assert outcomes == expected
    arrived = await jobs.begun.until(expected.count("safe"))
    assert set(arrived) == {b"%d" % n for n in range(400) if n % 7}


async def test_after_stopping_jobs_only_what_is_under_way_goes_on(
    start: Start,
) -> None:
    """Messages still come, and publishing still works."""
    jobs = Jobs(held=True)
    messages = Arrivals()
    broker = await start(jobs, messages)
    await broker.publish("m1", b"one")
    await jobs.begun.until(1)

    await broker.stop_jobs()
    await broker.publish("m2", b"two")
    await broker.send("here", b"later")
    await messages.until(1)
    jobs.let_go()

    assert jobs.begun.bodies == [b"one"]


async def test_closing_leaves_nothing_and_publishes_nothing(start: Start) -> None:
    """Work that was under way may end later; the broker is out of use at once."""
    from twisted.internet import reactor

    jobs = Jobs(held=True)
    broker = await start(jobs)
    await broker.publish("m1", b"one")
    await jobs.begun.until(1)
    timers = reactor.getDelayedCalls()

    await broker.close()
    left = [call for call in reactor.getDelayedCalls() if call not in timers]
    jobs.let_go()

    assert left == []
    with pytest.raises(NotPublished):
        await broker.publish("m2", b"two")
    with pytest.raises(NotPublished):
        await broker.broadcast(b"all")
    with pytest.raises((NoSuchNode, NotPublished)):
        await broker.send("here", b"x")
    await broker.close()
