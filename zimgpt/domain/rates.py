"""How often something may happen: a bucket that fills up again by itself.

A bucket is one number, the moment at which it will be full again, so what has not been
asked of for a while need not be remembered (the generic cell rate algorithm).
"""

from __future__ import annotations

from math import ceil
from typing import Final

import attrs

from zimgpt.domain.errors import Refusal

GRAIN: Final = 1e-6
"""Seconds that a sum of fractions may be off."""


class TooFast(Refusal):
    """There were too many requests in a short time. Please wait a moment and try again."""  # noqa: E501

    code = "too_fast"

    def __init__(self, message: str | None = None, *, retry: int = 1) -> None:
        super().__init__(message)
        self.retry = retry
        """Seconds after which trying again makes sense."""


class TooManyAnswers(TooFast):
    """Several of your answers are still being written. Please wait until one of them has ended, then ask again."""  # noqa: E501

    code = "too_many_answers"


@attrs.frozen
class Rate:
    """So many at once, and as many again in every ``seconds``."""

    most: int
    seconds: float


def take(full: float, rate: Rate, now: float) -> float:
    """When a bucket that is full at ``full`` will be so again with one more taken.

    Raises TooFast, with the seconds to wait, when there is nothing in it.
    """
    later = max(full, now) + rate.seconds / rate.most
    wait = later - now - rate.seconds
    if wait > GRAIN:
        raise TooFast(retry=max(ceil(wait - GRAIN), 1))
    return later
