"""Whether a node should be sent people: ``/readyz``, part by part.

A node is ready when it can keep what it is given. While a broker or a model is away
nobody's question is lost, only late, and mostly that is so for all nodes alike: taking
them all out of a proxy's list would help nobody. So they are told, and do not count.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import attrs
from twisted.internet.defer import Deferred

from zimgpt.domain.errors import Unavailable
from zimgpt.flows.breaking import Guarded, State
from zimgpt.flows.ports import Broker
from zimgpt.store import migrations
from zimgpt.store.pool import Pool

PATIENCE = 2.0
"""Seconds that the database has to answer."""

Part = tuple[bool, str]
"""Whether it is well, and how it is, in a few words."""


@attrs.define
class Life:
    """Where a node stands between its start and its end."""

    begun: bool = False
    stopping: bool = False


@attrs.frozen
class Readiness:
    """Looks at every part when it is asked."""

    _clock: Any
    _life: Life
    _pool: Pool
    _broker: Broker
    _upstreams: Sequence[Guarded]

    async def look(self) -> tuple[bool, bytes]:
        """Whether the node is ready, and JSON that says why or why not."""
        database, schema = await self._database()
        parts: dict[str, Part] = {
            "node": self._node(),
            "database": database,
            "migrations": schema,
            "broker": self._reached(),
            "models": self._models(),
        }
        ready = all(parts[name][0] for name in ("node", "database", "migrations"))
        told = {name: {"ok": ok, "is": what} for name, (ok, what) in parts.items()}
        return ready, json.dumps({"ready": ready, "parts": told}).encode() + b"\n"

    def _node(self) -> Part:
        if self._life.stopping:
            return False, "stopping: it finishes what it has begun and takes no more"
        if not self._life.begun:
            return False, "starting"
        return True, "up"

    async def _database(self) -> tuple[Part, Part]:
        asked = Deferred.fromCoroutine(self._applied())
        try:
            applied = await asked.addTimeout(PATIENCE, self._clock, _silent)
        except Unavailable:
            away = (False, "away: questions are refused until it is back")
            return away, (False, "unknown")
        return (True, f"{self._pool.connected} of {self._pool.size} connections"), (
            _compared(applied)
        )

    async def _applied(self) -> frozenset[str]:
        rows = await self._pool.query(migrations.APPLIED)
        return frozenset(name for (name,) in rows)

    def _reached(self) -> Part:
        if self._broker.connected:
            return True, "connected"
        return False, "away: questions are kept, and answered when it is back"

    def _models(self) -> Part:
        resting = [one.name for one in self._upstreams if one.state is State.OPEN]
        if not resting:
            return True, f"{len(self._upstreams)} configured, none resting"
        well = len(resting) < len(self._upstreams)
        return well, f"resting after failures: {', '.join(resting)}"


def _compared(applied: frozenset[str]) -> Part:
    try:
        migrations.compare(applied)
    except (migrations.SchemaTooOld, migrations.SchemaTooNew) as error:
        return False, str(error)
    return True, f"{len(applied)} applied"


def _silent(_result: object, _seconds: float) -> frozenset[str]:
    raise Unavailable
