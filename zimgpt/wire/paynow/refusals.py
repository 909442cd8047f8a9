"""Why the gateway says no. Its sentences are all that it gives."""

from __future__ import annotations

from typing import Final

from zimgpt.domain.topups.states import Reason

_SIGNS: Final = (
    ("insufficient", Reason.NO_FUNDS),
    ("hash", Reason.OUR_FAULT),
    ("invalid id", Reason.OUR_FAULT),
    ("test mode", Reason.OUR_FAULT),
    ("invalid amount", Reason.OUR_FAULT),
    ("not enabled", Reason.OUR_FAULT),
    ("authemail", Reason.OUR_FAULT),
    ("phone", Reason.WRONG_NUMBER),
    ("mobile", Reason.WRONG_NUMBER),
)


def reason(sentence: str) -> Reason:
    """What a sentence means, by a word in it."""
    said = sentence.lower()
    return next((why for sign, why in _SIGNS if sign in said), Reason.REFUSED)
