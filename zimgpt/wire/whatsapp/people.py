"""Who somebody is on WhatsApp: a number, an id scoped to our business, or both.

Either may be missing. People with a username come without their number at first, and a
scoped id is made anew when somebody changes number.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

_WRITTEN: Final = re.compile(r"[+\s().-]")
_DIGITS: Final = re.compile(r"[0-9]{5,20}", re.ASCII)
_BSUID: Final = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}", re.ASCII)


@attrs.frozen
class Person:
    """``phone`` is digits without a plus; ``bsuid`` and ``parent`` are used whole."""

    phone: str | None = None
    bsuid: str | None = None
    parent: str | None = None

    @property
    def known(self) -> bool:
        """Somebody can be told from others by it, and answered."""
        return self.phone is not None or self.bsuid is not None


def phone(value: object) -> str | None:
    """A number's digits, however it is written; None for anything else."""
    if type(value) is int:
        value = str(value) if 0 <= value < 10**20 else ""
    if not isinstance(value, str) or len(value) > 40:
        return None
    digits = _WRITTEN.sub("", value)
    return digits if _DIGITS.fullmatch(digits) else None


def bsuid(value: object) -> str | None:
    """A business-scoped user id; None for anything else."""
    good = isinstance(value, str) and _BSUID.fullmatch(value)
    return str(value) if good else None
