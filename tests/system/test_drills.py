"""The drills of ``make drills`` that end nodes and servers, each for a few seconds.

All the others are beside them, in a file of their own, so that both run at a time.
"""

from __future__ import annotations

import pytest

from tests.drills.drill import Drill
from tests.drills.registry import DRILLS
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.system.drilling import DEATHS, assert_kept, brief


@pytest.mark.parametrize("drill", brief(DEATHS), ids=lambda drill: drill.id)
def test_keeps_its_promise(
    drill: Drill, postgres: PostgreSQL, rabbitmq: RabbitMQ
) -> None:
    """Nothing is lost or done twice by what dies on purpose."""
    assert_kept(drill, postgres, rabbitmq)


def test_no_two_drills_share_a_name() -> None:
    """A drill is found by its name."""
    names = [drill.id for drill in DRILLS]

    assert len(set(names)) == len(names)
