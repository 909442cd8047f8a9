"""What an essay would cost, and what was ordered."""

from __future__ import annotations

import attrs
import pytest

from tests.fakes.memory import ANN, PRICE, Database, MemoryQuestions
from tests.fakes.results import begun, result_of
from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.essays import outlines
from zimgpt.domain.essays.briefs import Brief, BriefInvalid, Level, Section, Step
from zimgpt.domain.essays.quotes import Quote
from zimgpt.domain.ledger import InsufficientTokens, NoPrice, Tokens
from zimgpt.domain.questions import Kind
from zimgpt.flows.asking import Asking, Question
from zimgpt.flows.ordering import Order, Ordering

BRIEF = Brief(level=Level.UNIVERSITY, words=1_000)
ORDER = Order(
    answer=AnswerId("a"),
    conversation=ConversationId("c"),
    topic="Rivers",
    brief=attrs.evolve(BRIEF, step=Step.OUTLINE),
    state=State.COMPLETE,
    text="## One\n- a\n## Two\n- b",
    words=None,
    prompts="v1",
    cost=Tokens(5),
)


class Orders:
    """Has one."""

    async def order(self, user: UserId, answer: AnswerId) -> Order:
        """It."""
        assert (user, answer) == (ANN, "a")
        return ORDER


@attrs.frozen
class Shop:
    """Prices of one model, and the questions that are asked of it."""

    db: Database
    ordering: Ordering
    asking: Asking

    def quote(self, brief: Brief) -> Quote:
        """The price of a step."""
        return result_of(begun(self.ordering.quote(ANN, "Rivers", brief)))

    def ask(self, brief: Brief, **more: object) -> object:
        """Orders it."""
        question = Question("q", Kind.ESSAY, "Rivers", brief=brief)
        question = attrs.evolve(question, **more)  # type: ignore[arg-type]
        return result_of(begun(self.asking.ask(ANN, question, "web")))


@pytest.fixture
def shop() -> Shop:
    """It is open."""
    db = Database()
    questions = MemoryQuestions(db)
    asking = Asking(questions, ["model"], 3_000, "here", lambda: "id", lambda _: None)
    return Shop(db, Ordering(questions, Orders(), ["model"]), asking)


@pytest.mark.parametrize("step", Step)
def test_what_is_quoted_is_what_is_held(shop: Shop, step: Step) -> None:
    """To the token, for an outline as for an essay."""
    brief = attrs.evolve(BRIEF, step=step)
    quote = shop.quote(brief)
    before = shop.db.balances[ANN]

    shop.ask(brief)

    assert before - shop.db.balances[ANN] == quote.most
    [line] = shop.db.lines.values()
    assert line.new.brief == brief
    assert not line.new.terms.lowered


def test_what_is_not_covered_is_not_begun(shop: Shop) -> None:
    """And the quote has said so."""
    shop.db.balances[ANN] = 2_000

    quote = shop.quote(BRIEF)

    assert not quote.enough
    with pytest.raises(InsufficientTokens, match="2,000"):
        shop.ask(BRIEF)
    assert shop.db.lines == {}


def test_a_bad_brief_is_refused_by_both(shop: Shop) -> None:
    """With the same sentence."""
    brief = attrs.evolve(BRIEF, words=7)

    with pytest.raises(BriefInvalid):
        shop.quote(brief)
    with pytest.raises(BriefInvalid):
        shop.ask(brief)


@pytest.mark.parametrize("change", [{"max_tokens": 9}, {"kind": Kind.CHAT}])
def test_a_brief_is_of_an_essay_and_has_its_length(
    shop: Shop, change: dict[str, object]
) -> None:
    """Two lengths would contradict each other."""
    with pytest.raises(Exception, match="essay"):
        shop.ask(BRIEF, **change)


def test_without_a_price_nothing_is_quoted(shop: Shop) -> None:
    """The operator has to set one."""
    shop.db.prices = (attrs.evolve(PRICE, model="other"),)

    with pytest.raises(NoPrice):
        shop.quote(BRIEF)


def test_an_outline_is_told_as_sections(shop: Shop) -> None:
    """Once it has ended; one that cannot be read is replaced by a plain one."""
    order = result_of(begun(shop.ordering.look(ANN, AnswerId("a"))))

    assert order.outline == (Section("One", ("a",)), Section("Two", ("b",)))
    assert attrs.evolve(order, state=State.STREAMING).outline == ()
    plain = attrs.evolve(order, text="I cannot.")
    assert plain.outline == outlines.plain(order.brief)
    essay = attrs.evolve(order, brief=attrs.evolve(BRIEF, outline=plain.outline))
    assert essay.outline == plain.outline
