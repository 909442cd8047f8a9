"""Amounts in messages, to whole cents and back, exactly."""

from __future__ import annotations

import re
from typing import Final

_FORM: Final = re.compile(
    r"(?P<whole>[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.(?P<part>[0-9]{1,12}))?",
    re.ASCII,
)


def minor(written: str) -> int | None:
    """Whole cents, or None for anything that is not exactly so many of them.

    ``5``, ``5.00``, ``5.000`` and ``1,000.00`` are amounts; ``5.005`` is none.
    """
    found = _FORM.fullmatch(written.strip())
    if found is None:
        return None
    part = (found["part"] or "").rstrip("0")
    if len(part) > 2:
        return None
    return int(found["whole"].replace(",", "")) * 100 + int(part.ljust(2, "0"))


def plain(cents: int) -> str:
    """As the gateway wants it: two decimals, no sign and no comma."""
    if cents <= 0:
        raise ValueError("an amount is more than nothing")
    return f"{cents // 100}.{cents % 100:02}"
