"""All drills, in the order of their names."""

from __future__ import annotations

from tests.drills import (
    broker,
    clients,
    database,
    kill,
    midstream,
    poison,
    restarting,
    upstream,
    wallets,
)
from tests.drills.drill import Drill

DRILLS: tuple[Drill, ...] = (
    *kill.DRILLS,
    *midstream.DRILLS,
    *broker.DRILLS,
    *poison.DRILLS,
    *database.DRILLS,
    *upstream.DRILLS,
    *wallets.DRILLS,
    *clients.DRILLS,
    *restarting.DRILLS,
)
