"""How long things may be on WhatsApp, in UTF-16 units, and the error that names which.

That its characters are UTF-16 units is not documented; they are never fewer than code
points, so counting them is safe.
"""

from __future__ import annotations

from typing import Final

TEXT: Final = 4096
BODY: Final = 1024  # of buttons and links
LIST_BODY: Final = 4096
FOOTER: Final = 60
CAPTION: Final = 1024
BUTTONS: Final = 3
BUTTON_ID: Final = 256
BUTTON_TITLE: Final = 20
ROWS: Final = 10
ROW_ID: Final = 200
ROW_TITLE: Final = 24
ROW_DESCRIPTION: Final = 72
LIST_LABEL: Final = 20
LINK_LABEL: Final = 20
LINK_URL: Final = 2000
FILENAME: Final = 240
OUR_ID: Final = 512
WAMID: Final = 512


class OverLimit(Exception):  # noqa: N818 - what was wrong with the message
    """WhatsApp would refuse this message; ``limit`` says which part of it."""

    def __init__(self, limit: str, why: str) -> None:
        super().__init__(f"WhatsApp would refuse this message: {limit} {why}.")
        self.limit = limit


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) + sum(c > "\uffff" for c in text)


def required(limit: str, text: str, most: int) -> str:
    """The text, if it is there and within the limit."""
    if not text.strip():
        raise OverLimit(limit, "is empty")
    return optional(limit, text, most)


def optional(limit: str, text: str, most: int) -> str:
    """The text, if it is within the limit."""
    size = units(text)
    if size > most:
        raise OverLimit(limit, f"has {size} units, and {most} are allowed")
    return text


def distinct(limit: str, values: list[str]) -> None:
    """Refuses two that are the same."""
    if len(set(values)) < len(values):
        raise OverLimit(limit, "must be different for each")


def number_of(limit: str, there: int, most: int) -> None:
    """Refuses none and too many."""
    if not 1 <= there <= most:
        raise OverLimit(limit, f"are {there}, and 1 to {most} are allowed")
