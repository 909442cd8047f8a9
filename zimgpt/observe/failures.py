"""An exception as a log may show it: its kind and places, seldom its words.

Words of exceptions repeat what they were given: a phone number that is already there, a
text that is no number, an address with a password. So they are shown only for kinds
that are known to say nothing of the sort.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from twisted.python.failure import Failure

OURS = Path(__file__).parents[1]
LIBRARIES = ("site-packages", "dist-packages")
MOST_PLACES = 20
MOST_CAUSES = 4
MOST_LETTERS = 300

HARMLESS = (
    "zimgpt.",  # sentences for people
    "twisted.internet.error.",  # refused, reset, timed out
    "psycopg2.OperationalError",  # no server there; not its subclasses
    "pika.exceptions.",
)


def described(failure: Failure) -> Iterator[str]:
    """Lines: what it is, what caused it, and where, innermost last."""
    for depth, error in enumerate(islice(_chain(failure.value), MOST_CAUSES)):
        yield ("because of " if depth else "") + kind(error)
    yield from _places(failure)


def kind(error: BaseException) -> str:
    """One line for an exception: class, code, and words if they are harmless."""
    module = type(error).__module__
    name = type(error).__qualname__
    whole = name if module == "builtins" else f"{module}.{name}"
    parts = [whole, *_codes(error)]
    if isinstance(error, OSError) or whole.startswith(HARMLESS):
        parts.append(str(error)[:MOST_LETTERS])
    reasons = getattr(error, "reasons", ())  # of treq's wrappers
    inner = [
        kind(one.value) for one in reasons if isinstance(one, Failure) and one.value
    ]
    if inner:
        parts.append(f"({'; '.join(inner)})")
    return " ".join(part for part in parts if part)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        shown = None if error.__suppress_context__ else error.__context__
        error = error.__cause__ or shown


def _codes(error: BaseException) -> Iterator[str]:
    """PostgreSQL's code and the name of the rule that was broken."""
    yield getattr(error, "pgcode", None) or ""
    yield getattr(getattr(error, "diag", None), "constraint_name", None) or ""


def _places(failure: Failure) -> Iterator[str]:
    """Our own frames, and the innermost, whosever it is."""
    stack = failure.getTracebackObject()
    places = [(frame.f_code, line) for frame, line in traceback.walk_tb(stack)]
    shown = [
        f"  at {_short(code.co_filename)}:{line} in {code.co_name}"
        for index, (code, line) in enumerate(places, 1)
        if index == len(places) or Path(code.co_filename).is_relative_to(OURS)
    ]
    yield from shown[-MOST_PLACES:]


def _short(filename: str) -> str:
    """A file's name from its package on, without the machine's folders."""
    path = Path(filename)
    if path.is_relative_to(OURS):
        return str(path.relative_to(OURS.parent))
    for library in LIBRARIES:
        if library in path.parts:
            return str(Path(*path.parts[path.parts.index(library) + 1 :]))
    return path.name
