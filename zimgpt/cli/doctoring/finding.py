"""What a check has found."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import attrs


class State(StrEnum):
    """How a part is."""

    WELL = "ok"
    WARNING = "warning"
    """It works, and may not for long, or not for everybody."""
    BROKEN = "broken"


@attrs.frozen
class Finding:
    """One part, how it is, and what to do about it."""

    part: str
    state: State
    says: str
    mend: str = ""


Findings = Iterator[Finding]


def well(part: str, says: str) -> Finding:
    """Nothing to do."""
    return Finding(part, State.WELL, says)


def warning(part: str, says: str, mend: str) -> Finding:
    """Something to look at by day."""
    return Finding(part, State.WARNING, says, mend)


def broken(part: str, says: str, mend: str) -> Finding:
    """Something to mend before people come."""
    return Finding(part, State.BROKEN, says, mend)
