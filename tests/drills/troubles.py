"""Ways in which a model misbehaves, each with the one thing that must come of it.

The wishes in a question are read by ``tests/fakes/openai.py``.
"""

from __future__ import annotations

from typing import Any, Literal

import attrs

from tests.fakes.openai_script import LETTERS
from tests.system.harness import text_of

Charge = Literal["free", "used", "estimated"]
"""Nothing; what the model says; what was shown, counted in the asker's favour."""

SETTINGS: dict[str, Any] = {
    "first_byte_seconds": 2.5,
    "idle_seconds": 2,
    "whole_seconds": 6,
    "breaker_failures": 1_000_000,  # each trial is to meet the model itself
}
"""Of the nodes in these drills: shorter than usual."""

TRIES = 4
LEAST_OF_TRIES = 2.6  # seconds: three waits of 0.5, 1 and 2, less a quarter each
HEARD = 15.0  # seconds until an asker hears that no model answers


@attrs.frozen(kw_only=True)
class Trouble:
    """One row: what a question wishes, and what its asker gets."""

    wish: str
    finish: str = "stop"
    text: str | None = ""
    """What is shown; None for some beginning of ``w0 w1 …``."""
    size: int | None = None
    """The text's, in bytes."""
    charge: Charge = "free"
    calls: int | None = 1
    """How often the model is asked; None when that is not to be known."""
    least: float = 0.0
    """Seconds from asking to the end."""
    most: float = HEARD
    max_tokens: int | None = None
    alarm: bool = False
    """The operator's log must tell of it."""


def _whole(wish: str, words: int = 20, **more: Any) -> Trouble:  # noqa: ANN401
    """An answer as if nothing had happened."""
    row = Trouble(wish=wish, text=text_of(words), charge="used")
    return attrs.evolve(row, **more)


def _cut(wish: str, words: int = 5, **more: Any) -> Trouble:  # noqa: ANN401
    """An answer that breaks off, paid for as far as it came."""
    row = Trouble(wish=wish, finish="cut", text=text_of(words), charge="estimated")
    return attrs.evolve(row, **more)


def _unreachable(wish: str, **more: Any) -> Trouble:  # noqa: ANN401
    """No answer after all tries."""
    row = Trouble(
        wish=wish, finish="unreachable", calls=TRIES, least=LEAST_OF_TRIES, most=HEARD
    )
    return attrs.evolve(row, **more)


ROWS: dict[str, tuple[Trouble, ...]] = {
    "D21": (
        _whole("fault:429-2", calls=2, least=2.0),
        _whole("fault:429-date", calls=2, least=0.9),
        _whole("fault:429-garbage", calls=2, least=0.3, most=5),
        _whole("fault:429-none", calls=2, least=0.3, most=5),
        Trouble(wish="fault:429-120", finish="busy", most=2),
        Trouble(
            wish="fault:429-none-9", finish="busy", calls=TRIES, least=LEAST_OF_TRIES
        ),
    ),
    "D22": (
        _whole("fault:500-none", calls=2, least=0.3, most=5),
        _unreachable("fault:500-none-9"),
        _unreachable("fault:502-none-9"),
        Trouble(
            wish="fault:503-none-9", finish="busy", calls=TRIES, least=LEAST_OF_TRIES
        ),
    ),
    "D23": (
        _unreachable("fault:hang", calls=None),
        _unreachable("fault:hang-headers", calls=None),
    ),
    "D24": (
        _cut("fault:stall-5", least=2, most=6),
        _cut("fault:cut-5", most=4),
    ),
    "D25": (
        _cut("words:5 fault:no-done", most=4),
        _cut("fault:torn-letter-5", most=4),
        _cut("fault:torn-field-5", most=4),
    ),
    "D26": (
        _whole("words:20 fault:odd"),
        _whole("words:3 fault:drip", words=3),
        Trouble(
            wish="words:3 fault:letters",
            text=f"{text_of(3)} {LETTERS}",
            charge="used",
        ),
    ),
    "D27": (
        _whole("words:20 fault:odd"),
        _cut("fault:broken-json-5", most=4),
        _unreachable("fault:broken-json-0"),
    ),
    "D28": (
        _cut("fault:error-in-stream-5", most=4),
        _unreachable("fault:error-in-stream-0"),
    ),
    "D29": (
        _whole("words:5 fault:usage-early", words=5),
        _whole("words:5 fault:no-usage", words=5, charge="estimated"),
        _cut("fault:usage-cut-5", charge="used"),
        *(
            _whole(f"words:5 fault:usage-{kind}", 5, charge="estimated", alarm=True)
            for kind in ("absurd", "large", "negative", "float")
        ),
    ),
    "D30": (
        _unreachable("fault:html"),
        _unreachable("fault:gzip"),
        *(
            Trouble(wish=f"fault:redirect-{status}", finish="unreachable", most=2)
            for status in (301, 302, 303, 307, 308)
        ),
    ),
    "D32": (
        _whole("words:100", words=64, finish="length", max_tokens=64),
        _whole("words:5 fault:filtered", words=5, finish="filtered"),
        _cut("words:20 fault:tools-5", charge="used"),
        _unreachable("words:20 fault:tools-0"),
    ),
    "D33": (
        Trouble(
            wish="words:1000 delay:600",
            finish="cut",
            text=None,
            charge="estimated",
            least=5.5,
            most=10,
        ),
        _unreachable("fault:drip delay:700", calls=None, least=6),
    ),
}
"""By drill."""

MOST_TEXT = 512 * 1024
LONG = 120.0  # seconds

ENDLESS = _unreachable("fault:endless-line-0", calls=None, least=0, most=15)
FLOODS = (
    *(
        Trouble(
            wish=f"fault:{kind}",
            finish="cut",
            text=None,
            size=MOST_TEXT,
            charge="estimated",
            most=LONG,
        )
        for kind in ("flood", "specks")
    ),
    _cut("fault:endless-line", words=3, most=LONG),
    _unreachable("fault:bomb", most=LONG),
    ENDLESS,
)
"""D31: more than anybody can read."""
