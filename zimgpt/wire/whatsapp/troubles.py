"""What a failure asks for: one table for refusals and for failed statuses alike.

The codes decide. Which HTTP status comes with which code is told differently by
different pages, so a status counts only where there is no code that is known.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

LONGEST: Final = 60.0
"""Seconds between two tries of what may be tried again."""

MOST_TRIES: Final = 5

_SLOWEST: Final = 6


class Trouble(StrEnum):
    """What is to be done about a failure."""

    RETRY = "retry"
    """Try again after a while, a few times."""
    SLOW_DOWN = "slow_down"
    """Pause all sending from our number."""
    SLOW_USER = "slow_user"
    """Pause sending to this person; others go on."""
    STOP = "stop"
    """Stop sending from our number and alarm somebody; nothing is dropped."""
    FINAL = "final"
    """This person cannot be reached so; give the money back."""
    WINDOW_CLOSED = "window_closed"
    """Keep it until they write again."""
    OUR_BUG = "our_bug"
    """Never again unchanged; alarm somebody."""
    MARKETING_CAP = "marketing_cap"
    """Not within the next 24 hours."""
    INBOUND_MEDIA = "inbound_media"
    """A file of theirs: look it up once more, then tell them."""


_CODES: Final = {
    **dict.fromkeys((2, 131000, 131016, 131057, 133004), Trouble.RETRY),
    **dict.fromkeys((4, 80007, 130429, 131048, 133016), Trouble.SLOW_DOWN),
    131056: Trouble.SLOW_USER,
    **dict.fromkeys(
        (0, 3, 10, 33, 190, *range(200, 300), 368, 131005, 131031, 131037, 131042),
        Trouble.STOP,
    ),
    **dict.fromkeys((131045, 131064, 133010), Trouble.STOP),
    **dict.fromkeys(
        (130403, 130472, 130497, 131021, 131026, 131030, 131050, 131062, 137000),
        Trouble.FINAL,
    ),
    131047: Trouble.WINDOW_CLOSED,
    **dict.fromkeys(
        (100, 131008, 131009, 131051, 131053, 131055, 135000), Trouble.OUR_BUG
    ),
    **dict.fromkeys(range(132000, 133000), Trouble.OUR_BUG),
    131049: Trouble.MARKETING_CAP,
    131052: Trouble.INBOUND_MEDIA,
}


def of(code: int | None, http: int | None = None) -> Trouble:
    """The trouble behind a code, an HTTP status, or both.

    ``http`` is None for a failed status, which came after WhatsApp had accepted it: a
    code that is not known there concerns this message, and no other.
    """
    if code == 1:  # "unknown error": theirs with a 5xx, else our request's fault
        theirs = http is None or http >= 500
        return Trouble.RETRY if theirs else Trouble.OUR_BUG
    if code is not None and code in _CODES:
        return _CODES[code]
    if http is None:
        return Trouble.FINAL
    if http >= 500 or http == 408:
        return Trouble.RETRY
    if http == 429:
        return Trouble.SLOW_DOWN
    return Trouble.STOP if http in (401, 403) else Trouble.OUR_BUG


def alarming(code: int | None, trouble: Trouble) -> bool:
    """Whether somebody must be told at once; 131048 is a warning about spam."""
    return trouble in (Trouble.STOP, Trouble.OUR_BUG) or code == 131048


def wait(trouble: Trouble, tries: int, *, asked: float | None = None) -> float | None:
    """Seconds until it may be tried after ``tries`` tries; None if it may not.

    Without jitter, which is the caller's; ``asked`` is what WhatsApp asked for.
    """
    match trouble:
        case Trouble.RETRY if tries < MOST_TRIES:
            seconds = min(2.0 ** (tries - 1), LONGEST)
        case Trouble.SLOW_DOWN:
            seconds = min(2.0 ** min(tries, _SLOWEST), LONGEST)
        case Trouble.SLOW_USER:
            seconds = 4.0 ** min(tries - 1, _SLOWEST)
        case Trouble.MARKETING_CAP:
            seconds = 24 * 3600.0
        case _:
            return None
    return max(seconds, asked or 0.0)


class Fate(StrEnum):
    """What becomes of a message that met a trouble."""

    AGAIN = "again"
    """It is tried again later."""
    WINDOW = "window"
    """It is kept until the person writes."""
    FINAL = "final"
    """It is never sent; what it cost is given back."""
    GONE = "gone"
    """It is never sent, because its writer's words were deleted."""


def fate(trouble: Trouble) -> Fate:
    """What becomes of the message, unless ``wait`` says it was tried too often."""
    match trouble:
        case Trouble.WINDOW_CLOSED:
            return Fate.WINDOW
        case Trouble.FINAL | Trouble.OUR_BUG | Trouble.INBOUND_MEDIA:
            return Fate.FINAL
        case _:
            return Fate.AGAIN
