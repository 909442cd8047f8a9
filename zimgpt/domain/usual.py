"""What usual things cost, so that a balance can be told in questions and essays."""

from __future__ import annotations

from typing import Final

from zimgpt.domain.essays import plans
from zimgpt.domain.essays.briefs import Brief, Level
from zimgpt.domain.ledger import Price, Tokens, Usage, cost

QUESTION: Final = Usage(400, 400)
"""Model tokens of a usual question, with what a chat remembers."""

WORDS: Final = 800
"""Words of a usual essay."""


def question(price: Price) -> Tokens:
    """What a usual question costs."""
    return cost(price, QUESTION)


def essay(price: Price) -> Tokens:
    """What a usual essay costs; the price of a real one depends on its brief."""
    return cost(price, plans.usual("", Brief(level=Level.GENERAL, words=WORDS)))
