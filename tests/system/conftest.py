"""Nodes that many tests share: each test brings people of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.system.harness import House, Plan
from tests.system.people import Person
from tests.system.phone import Exchange, Somebody, joined

SENSES = {
    "voice_model": "ear",
    "voice_tokens": 600,
    "picture_model": "eye",
    "picture_tokens": 70,
}


@pytest.fixture(scope="session")
def house(postgres: PostgreSQL) -> Iterator[House]:
    """One node that does everything, without RabbitMQ."""
    with postgres.database() as url, House(url, nodes=[Plan("one")]) as house:
        yield house


@pytest.fixture(scope="session")
def town(postgres: PostgreSQL, rabbitmq: RabbitMQ) -> Iterator[House]:
    """Two nodes that serve the web and one that writes, joined by RabbitMQ."""
    nodes = [Plan("east", "web"), Plan("west", "web"), Plan("press", "worker")]
    with (
        postgres.database() as url,
        House(url, nodes=nodes, broker=rabbitmq.vhost()) as town,
    ):
        yield town


@pytest.fixture(scope="session")
def exchange(postgres: PostgreSQL) -> Iterator[Exchange]:
    """One node that listens and looks, too, and a WhatsApp that lets everybody talk as
    fast as they like."""
    nodes = [Plan("line", settings=SENSES)]
    with (
        postgres.database() as url,
        joined(lambda more: House(url, nodes=nodes, **more), "line") as made,
    ):
        made.phones.control("habits", limits=False)
        yield made


@pytest.fixture
def someone(exchange: Exchange) -> Somebody:
    """Somebody new with a phone."""
    return exchange.phones.somebody()


@pytest.fixture
def person(house: House) -> Person:
    """Somebody new at the one node."""
    return Person.sign_up(house["one"].url)
