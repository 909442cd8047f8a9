"""Nodes with a real RabbitMQ, and the road to it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Protocol, cast

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTCP, IReactorTime
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher
from zope.interface import implementer

from tests.broker.road import Road
from zimgpt.broker.rabbitmq import RabbitMQ
from zimgpt.flows.ports import Work


class Start(Protocol):
    """Starts a node."""

    async def __call__(
        self,
        node: str,
        on_job: Work | None = None,
        on_message: Callable[[bytes], None] = ...,
        url: str | None = None,
    ) -> RabbitMQ: ...


@pytest.fixture
def clock() -> IReactorTime:
    """The reactor."""
    from twisted.internet import reactor

    return cast("IReactorTime", reactor)


@pytest.fixture
def start(clock: IReactorTime, vhost: str) -> Iterator[Start]:
    """Starts nodes that share a virtual host; they are closed afterwards."""
    started: list[RabbitMQ] = []

    async def start(
        node: str,
        on_job: Work | None = None,
        on_message: Callable[[bytes], None] = lambda _: None,
        url: str | None = None,
    ) -> RabbitMQ:
        broker = RabbitMQ(
            clock,
            node=node,
            url=url or vhost,
            answers_at_once=4,
            random=random.random,
        )
        started.append(broker)
        await broker.start(on_job=on_job, on_message=on_message)
        return broker

    yield start
    for broker in started:
        pytest_twisted.blockon(  # type: ignore[no-untyped-call]
            Deferred.fromCoroutine(broker.close())
        )


@pytest.fixture
def road(clock: IReactorTime, vhost: str) -> Iterator[Road]:
    """The way to the broker, closed until it is opened."""
    road = Road(cast("IReactorTCP", clock), vhost)
    pytest_twisted.blockon(  # type: ignore[no-untyped-call]
        Deferred.fromCoroutine(road.close())
    )
    yield road
    pytest_twisted.blockon(  # type: ignore[no-untyped-call]
        Deferred.fromCoroutine(road.close())
    )


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """What is written to the log."""
    lines: list[str] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        lines.append(f"{event['log_level'].name} {formatEvent(event)}")

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)
