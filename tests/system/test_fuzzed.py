"""The whole HTTP API, asked by a program that has only read its document."""

from __future__ import annotations

from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.system.fuzzed import Fuzzing, everything


def test_every_answer_is_documented(postgres: PostgreSQL, rabbitmq: RabbitMQ) -> None:
    """Whatever is sent, no answer is a fault of ours, and each has a status, a kind and
    a shape that its operation names; the books balance afterwards."""
    with (
        postgres.database() as url,
        everything(url, rabbitmq.vhost()) as house,
    ):
        faults = Fuzzing(examples=3, seed=1).faults(house)

    assert not faults, "\n".join(faults)
