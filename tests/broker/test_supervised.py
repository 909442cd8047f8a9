from collections.abc import Callable

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock

from zimgpt.broker.supervised import Closed, Supervised


class FakeLink:
    """A link that lives until it is told otherwise."""

    def __init__(self) -> None:
        self.lost: Deferred[Exception] = Deferred()
        self.closed = False

    async def close(self) -> None:
        self.closed = True
        self.lost.callback(Closed())


class World:
    """A clock, and every try to connect, to be answered by the test."""

    def __init__(self, random: Callable[[], float] = lambda: 0.0) -> None:
        self.clock = Clock()
        self.tries: list[Deferred[FakeLink]] = []
        self.kept: Supervised[FakeLink] = Supervised(
            self.clock, self._connect, name="it", random=random
        )

    async def _connect(self) -> FakeLink:
        self.tries.append(Deferred())
        return await self.tries[-1]

    def connects(self) -> FakeLink:
        """The latest try succeeds."""
        link = FakeLink()
        self.tries[-1].callback(link)
        return link

    def wait(self) -> float:
        """Seconds until the next try."""
        begun, tries = self.clock.seconds(), len(self.tries)
        while len(self.tries) == tries:
            self.clock.advance(0.01)
        return round(self.clock.seconds() - begun, 1)

    def stop(self) -> Deferred[None]:
        """Stops it."""
        return Deferred.fromCoroutine(self.kept.stop())


def test_who_waits_gets_the_next_link_and_later_ones_the_same() -> None:
    """A caller need not know whether there is a connection yet."""
    world = World()
    world.kept.start()
    got: list[FakeLink] = []
    world.kept.ready().addCallback(got.append)
    world.kept.ready().addCallback(got.append)
    assert (got, world.kept.link) == ([], None)

    link = world.connects()
    world.kept.ready().addCallback(got.append)

    assert got == [link, link, link]
    assert world.kept.link is link


def test_it_tries_for_ever_with_longer_waits() -> None:
    """From a fifth of a second up to five."""
    world = World()
    world.kept.start()

    waits = []
    for _ in range(9):
        world.tries[-1].errback(ConnectionRefusedError())
        waits.append(world.wait())

    assert waits == [0.2, 0.3, 0.6, 1.0, 1.7, 2.8, 4.8, 5.0, 5.0]


def test_waits_are_shortened_at_random() -> None:
    """Nodes that lost the same broker do not come back in step."""
    world = World(random=lambda: 1.0)
    world.kept.start()

    world.tries[-1].errback(ConnectionRefusedError())

    assert world.wait() == pytest.approx(0.1)


def test_a_lost_link_is_never_given_out_again() -> None:
    """Who asks while it is being lost gets the next one; the waits begin anew."""
    world = World()
    world.kept.start()
    for _ in range(6):
        world.tries[-1].errback(ConnectionRefusedError())
        world.wait()
    first = world.connects()

    first.lost.callback(ConnectionResetError())
    got: list[FakeLink] = []
    world.kept.ready().addCallback(got.append)
    assert (world.kept.link, got) == (None, [])
    assert world.wait() == 0.2
    second = world.connects()

    assert got == [second]


def test_who_gives_up_waiting_is_forgotten() -> None:
    """A cancelled wait is not answered."""
    world = World()
    world.kept.start()
    waiting = world.kept.ready()
    failed: list[type[BaseException] | None] = []
    waiting.addErrback(lambda failure: failed.append(failure.type))

    waiting.cancel()
    world.connects()

    assert failed == [CancelledError]


def test_stopping_closes_the_link_and_connects_no_more() -> None:
    """No timer is left, and whoever asks now is told."""
    world = World()
    world.kept.start()
    link = world.connects()

    stopped = world.stop()
    failed: list[type[BaseException] | None] = []
    world.kept.ready().addErrback(lambda failure: failed.append(failure.type))

    assert (stopped.called, link.closed, failed) == (True, True, [Closed])
    assert (world.clock.getDelayedCalls(), len(world.tries)) == ([], 1)


def test_stopping_while_connecting() -> None:
    """The try is cancelled, and who waits is told."""
    world = World()
    world.kept.start()
    failed: list[type[BaseException] | None] = []
    world.kept.ready().addErrback(lambda failure: failed.append(failure.type))

    stopped = world.stop()

    assert (stopped.called, failed) == (True, [Closed])
    assert (world.clock.getDelayedCalls(), len(world.tries)) == ([], 1)


def test_stopping_between_two_tries() -> None:
    """The wait ends at once."""
    world = World()
    world.kept.start()
    world.tries[-1].errback(ConnectionRefusedError())

    stopped = world.stop()

    assert stopped.called
    assert (world.clock.getDelayedCalls(), len(world.tries)) == ([], 1)


def test_stopping_before_the_start_or_twice() -> None:
    """There is nothing to end, which is no fault."""
    world = World()

    assert world.stop().called
    assert world.stop().called
