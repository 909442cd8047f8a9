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


def unknown(name: str, known: Iterable[str], *, prefix: str = "") -> str:
    """The problem of a name that means nothing, with the nearest that does. What all
    names begin with counts for nothing in that."""
    bare = [one.removeprefix(prefix) for one in known]
    near = get_close_matches(name.removeprefix(prefix), bare, n=1, cutoff=0.6)
    if not near:
        return "no such setting"
    return f"no such setting; did you mean {prefix}{near[0]}?"
