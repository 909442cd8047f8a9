"""The drills of ``make drills`` in which nobody dies unasked, each for some seconds."""

from __future__ import annotations

import pytest

from tests.drills.drill import Drill
from tests.drills.registry import DRILLS
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.system.drilling import DEATHS, assert_kept, brief

TROUBLES = [drill for drill in DRILLS if drill not in DEATHS]


@pytest.mark.parametrize("drill", brief(TROUBLES), ids=lambda drill: drill.id)
def test_keeps_its_promise(
    drill: Drill, postgres: PostgreSQL, rabbitmq: RabbitMQ
) -> None:
    """Trouble made on purpose breaks no promise."""
    assert_kept(drill, postgres, rabbitmq)
