"""Tokens, what a model's use of them costs, and what must be held for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NewType

import attrs

from zimgpt.domain.errors import Refusal

Tokens = NewType("Tokens", int)
"""What is bought and spent: whole tokens, never a fraction."""

MILLI = 1000


class InsufficientTokens(Refusal):
    """You do not have enough tokens for this question. Please buy tokens and ask again."""  # noqa: E501

    code = "insufficient_tokens"


class NoPrice(Refusal):
    """This model has no price yet, so it cannot be asked. Please tell the operator."""

    code = "no_price"


@attrs.frozen
class Price:
    """What one model token costs, in thousandths of one of ours."""

    model: str
    prompt_millis: int
    completion_millis: int


@attrs.frozen
class Usage:
    """Model tokens that an answer took; ``estimated`` when the model did not say."""

    prompt: int
    completion: int
    estimated: bool = False


@attrs.frozen
class Terms:
    """What a question may use: the most that is asked of the model, and its hold."""

    max_tokens: int
    hold: Tokens
    lowered: bool


def cost(price: Price, usage: Usage) -> Tokens:
    """Whole tokens for this use, a fraction rounded up."""
    return costs([(price, usage)])


def dearest(prices: tuple[Price, ...]) -> Price:
    """A price that covers each of these, for a hold taken before the model is known."""
    if not prices:
        raise NoPrice
    return Price(
        model="",
        prompt_millis=max(price.prompt_millis for price in prices),
        completion_millis=max(price.completion_millis for price in prices),
    )


def price_of(prices: tuple[Price, ...], model: str) -> Price:
    """Of the model that answered; of the dearest for one that was added since."""
    for price in prices:
        if price.model == model:
            return price
    return dearest(prices)


def costs(parts: Iterable[tuple[Price, Usage]]) -> Tokens:
    """Whole tokens for several uses together, one fraction rounded up."""
    millis = sum(
        price.prompt_millis * usage.prompt + price.completion_millis * usage.completion
        for price, usage in parts
    )
    return Tokens(-(-millis // MILLI))


def terms(
    price: Price,
    available: Tokens,
    *,
    prompt: int,
    wanted: int,
    least: int,
    besides: int = 0,
) -> Terms:
    """The longest answer that the balance covers, up to ``wanted`` model tokens.

    ``besides`` are model tokens that are written before it and not shown. Refuses when
    not even ``least`` model tokens can be paid for: an answer shorter than that helps
    nobody. A hold is never nothing, however cheap the model is.
    """
    whole = max(cost(price, Usage(prompt, wanted + besides)), Tokens(1))
    if whole <= available:
        return Terms(wanted, whole, lowered=False)
    first = price.prompt_millis * prompt + price.completion_millis * besides
    left = available * MILLI - first
    affordable = left // max(price.completion_millis, 1)
    if affordable < max(min(least, wanted), 1):
        raise InsufficientTokens
    hold = cost(price, Usage(prompt, affordable + besides))
    return Terms(affordable, hold, lowered=True)


def charge(price: Price, usage: Usage, hold: Tokens) -> Tokens:
    """What an answer costs its asker: its use, and never more than was held."""
    return min(cost(price, usage), hold)
