"""The drills of ``make drills``, each for a few seconds."""

from __future__ import annotations

from tests.drills import kill
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ


def passes(
    drill: kill.Drill, postgres: PostgreSQL, rabbitmq: RabbitMQ | None = None
) -> None:
    """AssertionError with the drill's line and its faults."""
    verdict = kill.run(drill, postgres, rabbitmq)
    line, passed = kill.report(drill, verdict)
    assert passed, (line, verdict.wrong)
    assert verdict.acknowledged >= drill.clients
    assert verdict.again > 0


def test_kills_lose_nothing_on_one_node(postgres: PostgreSQL) -> None:
    """A node killed under load, alone, keeps every promise it has made."""
    passes(kill.Drill("local", trials=3, clients=8, longest=1.0), postgres)


def test_kills_lose_nothing_among_nodes(
    postgres: PostgreSQL, rabbitmq: RabbitMQ
) -> None:
    """Nodes killed under load, with RabbitMQ between them, keep every promise."""
    passes(kill.Drill("rabbitmq", trials=3, clients=8, longest=1.0), postgres, rabbitmq)
