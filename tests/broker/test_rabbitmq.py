from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast

import pytest
from pika import URLParameters
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime, ITCPTransport
from twisted.internet.task import deferLater
from twisted.logger import LogEvent

from tests.broker.arrivals import Arrivals, Jobs
from tests.broker.conftest import Start
from tests.broker.road import Road
from tests.servers.rabbitmq import RabbitMQ as Server
from zimgpt.broker import dead_letters, deliveries, link, rabbitmq
from zimgpt.broker.link import Link, connect
from zimgpt.broker.rabbitmq import RabbitMQ
from zimgpt.flows.ports import NoSuchNode, NotPublished, Outcome

PING = b"are you there?"


async def administer(clock: IReactorTime, url: str) -> Link:
    """A connection to look behind the scenes; close it."""

    async def nothing(_link: Link) -> None:
        pass

    return await connect(clock, URLParameters(url), nothing)


async def reached(node: RabbitMQ, other: str) -> None:
    """Waits until a node is there."""
    while True:
        try:
            await node.send(other, PING)
        except NoSuchNode:
            await soon()
        else:
            return


async def soon() -> None:
    """A moment."""
    from twisted.internet import reactor

    await deferLater(reactor, 0.01)


async def told(logged: list[str], words: str) -> None:
    """Waits for a line of the log."""
    while not any(words in line for line in logged):
        await soon()


@contextmanager
def constant(module: ModuleType, name: str, value: float) -> Iterator[None]:
    """A wait made short enough for a test."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


async def test_nodes_reach_one_another(start: Start) -> None:
    """One by name, all others by a broadcast, and nobody who is gone."""
    heard = {name: Arrivals() for name in "abc"}
    a, b, c = [await start(name, None, heard[name]) for name in "abc"]
    for other in "bc":
        await reached(a, other)
        await heard[other].until(1)  # who hears has done all its declaring

    await a.send("b", b"to b")
    await a.broadcast(b"to all others")
    await b.send("a", b"to a")

    assert await heard["b"].until(3) == [PING, b"to b", b"to all others"]
    assert await heard["c"].until(2) == [PING, b"to all others"]
    assert await heard["a"].until(1) == [b"to a"]
    await c.close()
    with pytest.raises(NoSuchNode):
        await a.send("c", b"to nobody")


async def test_what_was_not_acknowledged_goes_to_another_node(start: Start) -> None:
    """A node that closes leaves its jobs to those who stay."""
    first, second = Jobs(held=True), Jobs()
    a = await start("a", first)
    await a.publish("m1", b"one")
    await first.begun.until(1)
    await start("b", second)

    await a.close()

    assert await second.begun.until(1) == [b"one"]


async def test_a_node_that_stopped_leaves_new_jobs_to_others(start: Start) -> None:
    """And acknowledges the one that it still ends."""
    first, second, third = Jobs(held=True), Jobs(), Jobs()
    a = await start("a", first)
    await a.publish("m1", b"one")
    await first.begun.until(1)

    await a.stop_jobs()
    b = await start("b", second)
    await a.publish("m2", b"two")
    assert await second.begun.until(1) == [b"two"]
    first.let_go()
    await a.close()
    await b.stop_jobs()
    await start("c", third)
    await b.publish("m3", b"three")

    assert await third.begun.until(1) == [b"three"]


async def test_stopping_jobs_without_taking_any(start: Start) -> None:
    """A web node drains, too."""
    node = await start("a")

    await node.stop_jobs()


async def test_a_job_that_always_fails_becomes_a_dead_letter(
    start: Start, clock: IReactorTime, vhost: str, tidy: list[LogEvent]
) -> None:
    """It is not lost, and it stops taking up places."""
    tries = Arrivals()

    async def fail(body: bytes) -> Outcome:
        tries(body)
        raise ValueError("always")

    with constant(deliveries, "FIRST_WAIT", 0.001):
        node = await start("a", fail)
        await node.publish("m1", b"one")
        await tries.until(6)
        admin = await administer(clock, vhost)
        queue, _tag = await admin.first.basic_consume("zimgpt.jobs.dead", auto_ack=True)
        _, _, properties, body = await queue.get()
        await admin.close()

    assert (body, properties.message_id) == (b"one", "m1")
    assert len(tries.bodies) == 6
    tidy.clear()


async def test_a_second_node_of_the_same_name_is_told(
    start: Start, logged: list[str]
) -> None:
    """The line names the setting; the node gets its place when the other goes."""
    first = await start("same")
    await reached(first, "same")
    second = await start("same")
    with constant(rabbitmq, "PATIENCE", 1.0), pytest.raises(NotPublished):
        await second.publish("m1", b"one")

    await first.close()
    await second.publish("m1", b"one")

    [line, *_] = [each for each in logged if each.startswith("error")]
    assert "called same" in line
    assert "`node`" in line


async def test_a_queue_of_another_kind_is_told(
    start: Start, clock: IReactorTime, vhost: str, logged: list[str]
) -> None:
    """Until somebody removes it."""
    admin = await administer(clock, vhost)
    await admin.first.queue_declare("zimgpt.jobs", durable=True)
    node = await start("a")
    with constant(rabbitmq, "PATIENCE", 0.5), pytest.raises(NotPublished):
        await node.publish("m1", b"one")
    assert not node.connected
    await told(logged, "PRECONDITION_FAILED")

    await admin.first.queue_delete("zimgpt.jobs")
    await admin.close()
    await node.publish("m1", b"one")

    assert node.connected


@pytest.mark.parametrize("works", [True, False])
async def test_a_deleted_queue_is_declared_again(
    start: Start, clock: IReactorTime, vhost: str, works: bool
) -> None:
    """Noticed by its consumer, or by the next publish of a node without work."""
    jobs = Jobs()
    node = await start("a", jobs if works else None)
    await node.publish("m1", b"one")
    admin = await administer(clock, vhost)

    await admin.first.queue_delete("zimgpt.jobs")
    await admin.close()
    if works:
        while node.connected:
            await deferLater(clock, 0.001)
    else:
        for each in [Deferred.fromCoroutine(node.publish("m2", b"two")) for _ in "ab"]:
            await each  # on the next link, which has declared the queue
    for _ in range(20):
        try:
            await node.publish("m3", b"three")
            break
        except NotPublished:
            continue
    if not works:
        await start("b", jobs)

    await jobs.begun.until(2 if works else 3)
    assert jobs.begun.bodies[-1] == b"three"


async def test_a_publish_waits_for_a_connection(start: Start, road: Road) -> None:
    """A broker that comes in time is good enough."""
    jobs = Jobs()
    node = await start("a", jobs, url=road.url)
    publishing = Deferred.fromCoroutine(node.publish("m1", b"one"))
    assert not publishing.called

    road.open()
    await publishing

    assert await jobs.begun.until(1) == [b"one"]


async def test_a_publish_without_a_connection_gives_up(
    start: Start, road: Road
) -> None:
    """After its own time."""
    node = await start("a", url=road.url)

    with (
        constant(rabbitmq, "PATIENCE", 0.3),
        pytest.raises(NotPublished, match=r"0\.3 s"),
    ):
        await node.publish("m1", b"one")


async def test_a_publish_into_a_black_hole_gives_up(start: Start, road: Road) -> None:
    """After its own time, long before the heartbeat notices; then all is well."""
    road.open()
    node = await start("a", url=road.url)
    await node.publish("m1", b"one")

    road.freeze()
    with constant(rabbitmq, "PATIENCE", 0.3), pytest.raises(NotPublished):
        await node.publish("m2", b"two")
    road.thaw()

    await node.publish("m3", b"three")


async def test_losing_the_connection_fails_what_is_under_way(
    start: Start, road: Road
) -> None:
    """At once, and the next publish goes through the next connection."""
    road.open()
    node = await start("a", url=road.url)
    await node.publish("m1", b"one")
    road.freeze()
    publishing = Deferred.fromCoroutine(node.publish("m2", b"two"))
    failed: list[type[BaseException] | None] = []
    publishing.addErrback(lambda failure: failed.append(failure.type))

    with constant(rabbitmq, "PATIENCE", 0.5):
        await road.close()
        await publishing
        road.open()
    await node.publish("m3", b"three")

    assert failed == [NotPublished]


async def test_a_broker_that_never_greets_is_tried_again(
    start: Start, clock: IReactorTime, road: Road, logged: list[str]
) -> None:
    """A connection that does not get ready is closed, not kept."""
    road.open_to_nowhere()
    with constant(link, "PREPARATION", 0.2):
        node = await start("a", url=road.url)
        await told(logged, "cannot reach RabbitMQ")
    await road.close()
    road.open()

    await node.publish("m1", b"one")


async def test_closing_does_not_wait_for_a_silent_broker(
    start: Start, road: Road
) -> None:
    """A few seconds at most."""
    road.open()
    node = await start("a", Jobs(), url=road.url)
    await node.publish("m1", b"one")
    road.freeze()

    with constant(link, "FAREWELL", 0.2), constant(deliveries, "CANCELLING", 0.2):
        await node.stop_jobs()
        await node.close()

    assert not node.connected


async def test_a_polite_end_that_cannot_come_is_cut_short(
    clock: IReactorTime, road: Road
) -> None:
    """Pika ends a silent connection politely: buffered bytes would keep it for ever."""
    road.open()
    with constant(link, "CHECK", 0.1):
        open_link = await administer(clock, road.url)
        road.freeze()
        transport = cast("ITCPTransport", open_link._connection.transport)
        transport.write(b"x" * 20_000_000)

        transport.loseConnection()
        reason = await open_link.lost

    assert "fell silent" in str(reason)
    await open_link.close()


async def test_a_lost_link_answers_nothing(clock: IReactorTime, vhost: str) -> None:
    """Asking it fails, and so does what was asked before."""
    open_link = await administer(clock, vhost)
    channel = await open_link.channel()
    asked = Deferred.fromCoroutine(open_link.ask(channel.basic_qos, prefetch_count=1))
    failures: list[str] = []
    asked.addErrback(lambda failure: failures.append(failure.getErrorMessage()))

    open_link.break_off(ConnectionResetError("gone"))
    await open_link.close()
    await open_link.close()

    assert failures == ["gone"]
    with pytest.raises(Exception, match="closed"):
        await open_link.ask(channel.basic_qos, prefetch_count=1)


async def test_a_name_that_cannot_be_a_queue_is_not_sent_to(start: Start) -> None:
    """It fails alone; the connection is not harmed."""
    node = await start("a")

    with pytest.raises(NotPublished):
        await node.send("x" * 300, b"one")
    await node.publish("m1", b"one")


async def test_tls_to_a_server_that_has_none(
    start: Start, vhost: str, logged: list[str]
) -> None:
    """amqps is never downgraded."""
    node = await start("a", url=vhost.replace("amqp://", "amqps://"))

    with constant(rabbitmq, "PATIENCE", 0.5), pytest.raises(NotPublished):
        await node.publish("m1", b"one")

    await told(logged, "cannot reach RabbitMQ")


@pytest.mark.patience(400)  # it boots again, which takes a minute where all are busy
async def test_a_broker_that_crashes_loses_nothing_confirmed(
    start: Start, clock: IReactorTime, rabbitmq: Server
) -> None:
    """What is under way fails at once; after the restart all that was safe arrives."""
    node = await start("a")
    await node.publish("first", b"first")
    # A quorum queue younger than this may not survive a crash.
    await deferLater(clock, 11.0)
    confirmed: list[bytes] = [b"first"]
    failed_at: list[float] = []

    async def publisher(name: str) -> None:
        number = 0
        while not failed_at:
            number += 1
            body = f"{name}-{number}".encode()
            try:
                await node.publish(body.decode(), body)
            except NotPublished:
                failed_at.append(clock.seconds())
            else:
                confirmed.append(body)

    publishing = gatherResults(
        Deferred.fromCoroutine(publisher(str(each))) for each in range(50)
    )
    await deferLater(clock, 0.3)
    rabbitmq.kill()
    try:
        killed_at = clock.seconds()
        await publishing
        assert max(failed_at) - killed_at < 4.0  # of five that a publish waits
    finally:
        rabbitmq.start()
    jobs = Jobs()
    await start("b", jobs)
    await node.publish("last", b"last")

    await jobs.begun.until_all({*confirmed, b"last"})


async def test_dead_letters_without_a_broker(start: Start, road: Road) -> None:
    """Looking at them fails in the words of the port, and in time."""
    node = await start("a", url=road.url)

    with (
        constant(dead_letters, "PATIENCE", 0.3),
        pytest.raises(NotPublished, match=r"did not answer in 0\.3 s"),
    ):
        await node.dead_letters.depth()
    await node.close()
    with pytest.raises(NotPublished, match="not reached"):
        await node.dead_letters.depth()


async def test_the_queue_of_dead_letters_is_made_again(
    start: Start, clock: IReactorTime, vhost: str
) -> None:
    """By looking at it; and reading what is not there ends as a lost broker does."""
    node = await start("a")
    await node.dead_letters.depth()
    admin = await administer(clock, vhost)
    await admin.first.queue_delete("zimgpt.jobs.dead")

    assert await node.dead_letters.depth() == 0
    await admin.first.queue_delete("zimgpt.jobs.dead")
    await admin.close()

    async def one() -> dict[str, bytes]:
        return {"m1": b"one"}

    with pytest.raises(NotPublished):
        await node.dead_letters.sort(one)
    assert await node.dead_letters.sort(one) == 1
