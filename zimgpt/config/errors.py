"""What is wrong with the configuration, in one sentence that names the place."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

SHOWN = 60  # characters of a wrong value that are repeated


class ConfigError(Exception):
    """A setting is missing or wrong; ``place`` is its key, variable or option."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
        self.place = place
        self.problem = problem


def unexpected(expected: str, value: object, *, secret: bool) -> str:
    """The problem of a wrong value; a secret one is not repeated."""
    if secret:
        return f"expected {expected}"
    shown = repr(value)
    if len(shown) > SHOWN:
        shown = shown[:SHOWN] + "…"
    return f"expected {expected}, not {shown}"


def unknown(name: str, known: Iterable[str]) -> str:
    """The problem of a name that means nothing, with the nearest that does."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"no such setting; did you mean {near[0]}?" if near else "no such setting"
