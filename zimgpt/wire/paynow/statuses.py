"""The gateway's words for where a payment stands."""

from __future__ import annotations

from typing import Final

from zimgpt.domain.topups.news import Status

WORDS: Final = {
    "created": Status.PENDING,
    "sent": Status.PENDING,
    "pending": Status.PENDING,
    "pending 3ds": Status.PENDING,
    "awaiting redirect": Status.PENDING,
    "created but not paid": Status.PENDING,
    "paid": Status.PAID,
    "awaiting delivery": Status.PAID,
    "delivered": Status.PAID,
    "cancelled": Status.CANCELLED,
    "failed": Status.FAILED,
    "disputed": Status.DISPUTED,
    "refunded": Status.REFUNDED,
}
"""The documented ones, and those that others have seen. Money that is held until a
delivery has left the person's wallet all the same."""


def status(word: str) -> Status:
    """What a word means, however it is written."""
    return WORDS.get(" ".join(word.split()).lower(), Status.UNCLEAR)
