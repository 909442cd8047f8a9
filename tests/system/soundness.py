"""Whether a database is as it must be once everything is at rest."""

from __future__ import annotations

from tests.system.harness import House, wait_until
from zimgpt.store import invariants


def assert_sound(house: House, patience: float = 90.0) -> None:
    """Waits for rest; AssertionError with what is still wrong then."""
    wrong: list[tuple[str, str]] = []

    def sound() -> bool:
        wrong[:] = invariants.violations(house.database, at_rest=True)
        return not wrong

    try:
        wait_until(sound, patience)
    except AssertionError:
        raise AssertionError(wrong) from None
