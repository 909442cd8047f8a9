"""How far operators may set what is sold, printed and said, by command or by page."""

from __future__ import annotations

import re
from typing import Final

MOST_MILLIS: Final = 1_000_000_000
"""Thousandths; a million of our tokens for one of the model's."""
MOST_MICROS: Final = 10**12
"""A million dollars for a million tokens."""
MOST_CENTS: Final = 100_000_000
MOST_TOKENS: Final = 1_000_000_000
MOST_CODES: Final = 10_000
MOST_DAYS: Final = 3_650
MOST_HOURS: Final = 24 * 30
LONGEST: Final = 1_000
"""Characters of a broadcast; longer ones are not read on a phone."""
AT_ONCE: Final = 100
"""People to whom a broadcast goes in one commit."""

LANGUAGES: Final = ("en", "sn", "nd")
PACKAGE: Final = re.compile(r"[a-z0-9-]{1,32}")
LABEL: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What operators call broadcasts and batches."""
