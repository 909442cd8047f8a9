"""What is told of a balance: so many questions, so many essays."""

from __future__ import annotations

from tests.fakes.memory import PRICE
from zimgpt.domain import usual
from zimgpt.domain.essays import quotes
from zimgpt.domain.essays.briefs import Brief, Level
from zimgpt.domain.ledger import Tokens, Usage, cost


def test_a_question_is_a_short_one_with_some_memory() -> None:
    """As many model tokens read as written."""
    assert usual.question(PRICE) == cost(PRICE, Usage(400, 400))


def test_an_essay_costs_what_its_own_page_says() -> None:
    """The same essay, priced before it is ordered."""
    brief = Brief(level=Level.GENERAL, words=800)

    assert usual.essay(PRICE) == quotes.quote(PRICE, Tokens(10**6), "", brief).usual
