"""Documents and statements, put together."""

from __future__ import annotations

from typing import Any

import attrs

from zimgpt.flows.exporting import Exporting
from zimgpt.flows.ports import Now
from zimgpt.flows.stating import Stating
from zimgpt.outbound.press import Press
from zimgpt.store.library import PgLibrary
from zimgpt.store.pool import Pool
from zimgpt.store.statements import PgLedger


@attrs.frozen
class Papers:
    """What the doors and the messenger need of them; they share one press."""

    exporting: Exporting
    stating: Stating


def make_papers(reactor: Any, pool: Pool, now: Now) -> Papers:  # noqa: ANN401
    """On this node."""
    press = Press(reactor)
    return Papers(
        Exporting(PgLibrary(pool), press), Stating(PgLedger(pool), press, now)
    )
