"""The drills of ``make drills``, each for a few seconds."""

from __future__ import annotations

import pytest

from tests.drills.drill import Drill, Order, Servers, carry_out
from tests.drills.registry import DRILLS
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ


@pytest.mark.parametrize(
    "drill", [drill for drill in DRILLS if drill.quick], ids=lambda drill: drill.id
)
def test_keeps_its_promise(
    drill: Drill, postgres: PostgreSQL, rabbitmq: RabbitMQ
) -> None:
    """Trouble made on purpose breaks no promise."""
    servers = Servers.lent(postgres, rabbitmq)

    line = carry_out(drill, Order(drill.quick), servers)

    assert line.passed, (str(line), line.result.faults, line.violations)


def test_no_two_drills_share_a_name() -> None:
    """A drill is found by its name."""
    names = [drill.id for drill in DRILLS]

    assert len(set(names)) == len(names)
