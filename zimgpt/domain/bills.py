"""What a question may cost, whatever it asks for, reckoned before it is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from zimgpt.domain import memories
from zimgpt.domain.conversations import AnswerId, Turn
from zimgpt.domain.essays import plans, quotes
from zimgpt.domain.essays.briefs import Brief
from zimgpt.domain.ledger import InsufficientTokens, Price, Terms, Tokens, terms
from zimgpt.domain.questions import (
    LEAST_ANSWER,
    MOST_ANSWER,
    MOST_RAW,
    Kind,
    Message,
    prompt,
    size,
)
from zimgpt.domain.texts import Language

UNPAYABLE: Final = Terms(max_tokens=1, hold=Tokens(2**63 - 1), lowered=False)
"""What no wallet covers: only a repeat of an accepted question passes with it."""

ANY_MEMORY: Final = "x" * 3 * memories.MOST
"""As long as a memory can be."""


@attrs.frozen
class Bill:
    """What a question may cost, and on what that was reckoned."""

    estimate: int
    """Model tokens of all prompts."""
    terms: Terms = UNPAYABLE
    window_from: AnswerId | None = None
    fold: bool = False
    """Whether earlier turns are to be put into the memory first."""


def of_essay(price: Price, available: Tokens, topic: str, brief: Brief) -> Bill:
    """Of one step of an essay; an essay is never shortened to the balance."""
    agreed = quotes.terms(price, topic, brief)
    if agreed.hold > available:
        raise InsufficientTokens(
            f"This can cost up to {agreed.hold:,} tokens and your balance is"
            f" {available:,}. Please choose a shorter essay, or buy tokens."
        )
    return Bill(plans.limits(topic, brief).prompt, agreed)


def of_question(
    price: Price,
    available: Tokens,
    kind: Kind,
    text: str,
    wanted: int | None,
    language: Language | None = None,
) -> Bill:
    """Of a question that nothing goes with."""
    alone = memories.Recall(())
    return _bill(price, available, kind, text, wanted, alone, None, language)


def of_messages(
    price: Price, available: Tokens, messages: Sequence[Message], wanted: int | None
) -> Bill:
    """Of a program's own list of messages, which nothing goes with."""
    estimate = size(messages)
    agreed = terms(
        price,
        available,
        prompt=estimate,
        wanted=min(wanted or MOST_RAW, MOST_RAW),
        least=LEAST_ANSWER,
    )
    return Bill(estimate, agreed)


def of_chat(
    price: Price,
    available: Tokens,
    text: str,
    wanted: int | None,
    turns: Sequence[Turn],
    memory: str | None,
    budget: int,
    language: Language | None = None,
) -> Bill:
    """Of a question in a chat. A new memory is made only if the balance covers it
    beside a whole answer."""
    recall = memories.recall(turns, memory, budget)
    if recall.fold:
        whole = _folding(
            price, available, text, wanted, recall, memory, budget, language
        )
        if whole is not None:
            return whole
        recall = memories.Recall(recall.kept)
    return _bill(price, available, Kind.CHAT, text, wanted, recall, memory, language)


def _folding(
    price: Price,
    available: Tokens,
    text: str,
    wanted: int | None,
    recall: memories.Recall,
    memory: str | None,
    budget: int,
    language: Language | None,
) -> Bill | None:
    first = size(memories.asked(memory, recall.fold, budget))
    rest = prompt(Kind.CHAT, text, recall.kept, ANY_MEMORY, language)
    estimate = first + size(rest)
    most = MOST_ANSWER[Kind.CHAT]
    try:
        agreed = terms(
            price,
            available,
            prompt=estimate,
            wanted=min(wanted or most, most),
            least=LEAST_ANSWER,
            besides=memories.MOST,
        )
    except InsufficientTokens:
        return None
    if agreed.lowered:
        return None
    return Bill(estimate, agreed, _first(recall.kept), fold=True)


def _bill(
    price: Price,
    available: Tokens,
    kind: Kind,
    text: str,
    wanted: int | None,
    recall: memories.Recall,
    memory: str | None,
    language: Language | None,
) -> Bill:
    estimate = size(prompt(kind, text, recall.kept, memory, language))
    most = MOST_ANSWER[kind]
    agreed = terms(
        price,
        available,
        prompt=estimate,
        wanted=min(wanted or most, most),
        least=LEAST_ANSWER,
    )
    return Bill(estimate, agreed, _first(recall.kept))


def _first(turns: Sequence[Turn]) -> AnswerId | None:
    return turns[0].answer if turns else None
