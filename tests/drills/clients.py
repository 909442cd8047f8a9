"""Slow and hostile clients: D34, D43 to D49 without D42, which is about resuming."""

from __future__ import annotations

from tests.drills import crowds, drips, frames, requests, stalls
from tests.drills.drill import Drill

DRILLS: tuple[Drill, ...] = (
    *crowds.DRILLS,
    *stalls.DRILLS,
    *frames.DRILLS,
    *drips.DRILLS,
    *requests.DRILLS,
)
