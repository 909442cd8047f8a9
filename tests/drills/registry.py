"""All drills, in the order of their names."""

from __future__ import annotations

from tests.drills import (
    away,
    broker,
    clients,
    clocks,
    database,
    kill,
    markets,
    midstream,
    payments,
    poison,
    refusing,
    restarting,
    resuming,
    sending,
    simulation,
    soak,
    upstream,
    wallets,
    webhooks,
    whatsapp,
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
    *clocks.DRILLS,
    *resuming.DRILLS,
    *simulation.DRILLS,
    *payments.DRILLS,
    *away.DRILLS,
    *refusing.DRILLS,
    *markets.DRILLS,
    *sending.DRILLS,
    *webhooks.DRILLS,
    *whatsapp.DRILLS,
    *soak.DRILLS,
)
