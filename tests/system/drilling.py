"""Drills as tests: with the servers of the tests, and for a few seconds."""

from __future__ import annotations

from collections.abc import Sequence

from tests.drills import broker, database, kill, midstream, poison
from tests.drills.drill import Drill, Order, Servers, carry_out
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ

SLACK = 8.0
"""Tests run beside others, on few processors."""

DEATHS = (
    *kill.DRILLS,
    *midstream.DRILLS,
    *broker.DRILLS,
    *poison.DRILLS,
    *database.DRILLS,
)
"""Those that end nodes and servers."""


def brief(drills: Sequence[Drill]) -> list[Drill]:
    """Those that the test command has time for."""
    return [drill for drill in drills if drill.quick]


def assert_kept(drill: Drill, postgres: PostgreSQL, rabbitmq: RabbitMQ) -> None:
    """Fails with what was not as promised."""
    lent = None if drill in broker.DRILLS else rabbitmq  # they kill it
    with Servers.lent(postgres, lent) as servers:
        line = carry_out(drill, Order(drill.quick, slack=SLACK), servers)

    assert line.passed, (str(line), line.result.faults, line.violations)
