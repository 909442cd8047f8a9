"""The database as one process reaches it: slow, broken off, or in doubt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tests.fakes.memory import Database
from tests.simulation.history import History
from tests.simulation.process import Process
from tests.simulation.weather import Weather
from zimgpt.domain.errors import Unavailable

T = TypeVar("T")

UPKEEP = (
    *("progress", "turn", "due", "figures", "untold", "all", "wallet"),
    *("close_expired", "erase_deleted", "forget_confirmed"),
)
"""Calls that are not worth a line each time."""


class Reached(Database):
    """Shares what is stored with every other process."""

    def __init__(
        self,
        stored: Database,
        process: Process,
        weather: Weather,
        history: History,
        name: str,
    ) -> None:
        super().__init__(
            clock=stored.clock,
            balances=stored.balances,
            lines=stored.lines,
            deleted=stored.deleted,
            erased=stored.erased,
            rows=stored.rows,
            turns=stored.turns,
            most_open=stored.most_open,
        )
        self.process = process
        self.weather = weather
        self.history = history
        self.name = name

    async def commit(self, call: str, effect: Callable[[], T]) -> T:
        """A call that may fail before its effect, or after it: then it is in doubt."""
        weather = self.weather
        fails = not self.process.dead and weather.happens(weather.store_fails)
        in_doubt = fails and weather.happens(0.5)
        await self.process.pause(0 if self.process.dead else weather.latency())
        if fails and not in_doubt:
            self.history.note(self.name, f"{call} is not taken")
            raise Unavailable
        result = effect()
        doubt = ", and its answer is lost" if in_doubt else ""
        if call not in UPKEEP or doubt:
            self.history.note(self.name, f"{call}{doubt}")
        await self.process.pause(weather.latency())
        if in_doubt:
            raise Unavailable
        return result
