"""What an essay costs, before it is ordered, in words that people understand."""

from __future__ import annotations

from typing import Final

import attrs

from zimgpt.domain.essays import plans
from zimgpt.domain.essays.briefs import FEWEST_WORDS, PAGE, Brief, Step
from zimgpt.domain.ledger import Price, Terms, Tokens, Usage, cost

STEP: Final = 50
"""Words in which shorter essays are offered."""


@attrs.frozen
class Quote:
    """The price of a step of an essay; amounts in tokens."""

    most: Tokens
    """What is held: it cannot cost more."""
    usual: Tokens
    page: Tokens
    """What a written page of 300 words usually costs."""
    balance: Tokens
    covered: int
    """Words of such an essay that the balance covers, at most what was asked."""

    @property
    def enough(self) -> bool:
        """Whether it can be ordered as it is."""
        return self.balance >= self.most


def terms(price: Price, topic: str, brief: Brief) -> Terms:
    """The most that will be asked of the model, and the hold that covers it."""
    limits = plans.limits(topic, brief)
    hold = cost(price, Usage(limits.prompt, limits.completion))
    return Terms(limits.completion, max(hold, Tokens(1)), lowered=False)


def quote(price: Price, balance: Tokens, topic: str, brief: Brief) -> Quote:
    """All that a person is told before they say yes."""
    most = terms(price, topic, brief).hold
    usual = min(max(cost(price, plans.usual(topic, brief)), Tokens(1)), most)
    essay = attrs.evolve(brief, step=Step.ESSAY)
    whole = cost(price, plans.usual(topic, essay))
    page = Tokens(max(-(-whole * PAGE // brief.words), 1))
    covered = brief.words if balance >= most else _covered(price, balance, topic, brief)
    return Quote(most, usual, page, balance, covered)


def _covered(price: Price, balance: Tokens, topic: str, brief: Brief) -> int:
    """The longest such essay that the balance covers; 0 if it covers none."""
    words = brief.words // STEP * STEP
    while words >= FEWEST_WORDS:
        if terms(price, topic, attrs.evolve(brief, words=words)).hold <= balance:
            return words
        words -= STEP
    return 0
