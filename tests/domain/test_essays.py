"""Briefs, outlines, shares and prices of essays."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.errors import BadRequest
from zimgpt.domain.essays import outlines, plans, quotes
from zimgpt.domain.essays.briefs import (
    FEWEST_WORDS,
    MOST_SECTIONS,
    MOST_WORDS,
    Brief,
    BriefInvalid,
    Level,
    Section,
    Step,
    Style,
    checked,
)
from zimgpt.domain.ledger import Price, Tokens, Usage, cost
from zimgpt.domain.questions import EmptyQuestion, QuestionUnstorable
from zimgpt.domain.texts import Language

PRICE = Price("model", 250, 1_000)
BRIEF = Brief(level=Level.ZIMSEC_O, words=1_200)
THREE = (
    Section("Introduction"),
    Section("Rain", ("heavy", "long")),
    Section("Conclusion"),
)

briefs = st.builds(
    Brief,
    level=st.sampled_from(Level),
    words=st.integers(FEWEST_WORDS, MOST_WORDS),
    style=st.sampled_from(Style),
    language=st.sampled_from(Language),
    step=st.sampled_from(Step),
    outline=st.lists(
        st.builds(Section, heading=st.text("abc ", min_size=1, max_size=20)),
        min_size=2,
        max_size=MOST_SECTIONS,
    ).map(tuple)
    | st.just(()),
)


def test_a_brief_is_kept_on_lines_of_its_own() -> None:
    """Blanks and line breaks within points and headings do not count."""
    brief = attrs.evolve(BRIEF, points=(" two\n lines ",), outline=THREE)

    assert checked("Rivers", brief).points == ("two lines",)
    assert checked("Rivers", brief).outline == THREE


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"words": 99}, BriefInvalid),
        ({"words": 5_001}, BriefInvalid),
        ({"words": -(10**9)}, BriefInvalid),
        ({"points": ("x",) * 21}, BriefInvalid),
        ({"points": ("x" * 301,)}, BriefInvalid),
        ({"points": ("  ",)}, BadRequest),
        ({"points": ("a\x00b",)}, BadRequest),
        ({"outline": THREE[:1]}, BriefInvalid),
        ({"outline": THREE * 5}, BriefInvalid),
        ({"outline": (Section("x" * 121), *THREE)}, BriefInvalid),
        ({"outline": (Section("x", ("y",) * 9), *THREE)}, BriefInvalid),
        ({"outline": (Section("x", words=0), *THREE)}, BriefInvalid),
        ({"outline": (Section("x", words=10**9), *THREE)}, BriefInvalid),
    ],
)
def test_what_cannot_be_written_is_refused(
    change: dict[str, object], refusal: type[Exception]
) -> None:
    """With a sentence that says what to change."""
    with pytest.raises(refusal):
        checked("Rivers", attrs.evolve(BRIEF, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("topic", "refusal"),
    [
        (" ", EmptyQuestion),
        ("a\x00", QuestionUnstorable),
        ("x" * 4_001, BriefInvalid),
    ],
)
def test_a_topic_is_a_question(topic: str, refusal: type[Exception]) -> None:
    """It shows something, can be stored and is not endless."""
    with pytest.raises(refusal):
        checked(topic, BRIEF)


@pytest.mark.parametrize(
    "text",
    [
        "## Introduction\n- what\n\n## Rain\n- heavy\n- long\n\n## Conclusion\n- so",
        "# Why rivers flood\n\n## Introduction\n- what\n## Rain\n* heavy\n* long\n"
        "## Conclusion\n- so",
        "Sure!\n**Introduction**\n- what\n**Rain**\n• heavy\n• long\n"
        "**Conclusion:**\n- so",
        "1. Introduction\n - what\n2. **Rain**\n - heavy\n - long\n"
        "3. Conclusion\n - so",
        "I. Introduction\na. what\nII. Rain\na) heavy\nb) long\nIII. Conclusion\na. so",
        "### 1. Introduction\n- what\n### 2. Rain\n- heavy\n- *long*\n"
        "### Conclusion\n- so",
    ],
)
def test_outlines_are_read_however_models_write_them(text: str) -> None:
    """Headings, bold or numbered lines, with lists below them."""
    assert outlines.parsed(text) == (
        Section("Introduction", ("what",)),
        Section("Rain", ("heavy", "long")),
        Section("Conclusion", ("so",)),
    )


@pytest.mark.parametrize("text", ["", "I cannot help.", "## One\n- a", "- a\n- b\n- c"])
def test_what_is_no_outline_is_none(text: str) -> None:
    """Then a plain one takes its place."""
    assert outlines.parsed(text) == ()


@given(st.text(), briefs)
def test_any_outline_can_be_ordered(text: str, brief: Brief) -> None:
    """Whatever a model writes, and the plain one in every language."""
    for outline in (outlines.parsed(text) or THREE, outlines.plain(brief)):
        assert checked("Rivers", attrs.evolve(brief, outline=outline))


def test_an_outline_is_read_as_it_is_written() -> None:
    """What we show a model is what we understand of one."""
    outline = (Section("One", ("a",)), Section("Two", ("b", "c")))

    assert outlines.parsed(outlines.written(outline)) == outline


@given(briefs)
def test_shares_add_up(brief: Brief) -> None:
    """To the length that was asked, from any section on."""
    outline = brief.outline or outlines.plain(brief)

    assert sum(plans.shares(outline, brief.words)) == brief.words
    assert sum(plans.shares(outline, 77, 1)) == 77


def test_shares_follow_wishes() -> None:
    """If every section has one; introduction and conclusion are short otherwise."""
    wished = tuple(
        attrs.evolve(one, words=w) for one, w in zip(THREE, (1, 2, 1), strict=True)
    )

    assert plans.shares(wished, 400) == (100, 200, 100)
    assert plans.shares(THREE, 220) == (60, 100, 60)


@given(briefs)
def test_the_usual_price_is_within_the_most(brief: Brief) -> None:
    """And the hold covers every model token that may be asked for."""
    quote = quotes.quote(PRICE, Tokens(10**9), "Rivers", brief)
    limits = plans.limits("Rivers", brief)
    usual = plans.usual("Rivers", brief)

    assert 0 < quote.usual <= quote.most
    assert quote.most == cost(PRICE, Usage(limits.prompt, limits.completion))
    assert usual.completion <= limits.completion
    assert quote.enough
    assert quote.covered == brief.words


def test_an_outline_is_cheap() -> None:
    """A tenth of its essay, or less."""
    essay = quotes.quote(PRICE, Tokens(0), "Rivers", attrs.evolve(BRIEF, words=3_000))
    outline = quotes.quote(
        PRICE, Tokens(0), "Rivers", attrs.evolve(BRIEF, words=3_000, step=Step.OUTLINE)
    )

    assert outline.most * 10 <= essay.most


def test_a_balance_that_is_too_small_covers_less() -> None:
    """The longest such essay that it does pay for, in steps of fifty words."""
    whole = quotes.quote(PRICE, Tokens(10**9), "Rivers", BRIEF).most

    short = quotes.quote(PRICE, Tokens(whole // 2), "Rivers", BRIEF)
    none = quotes.quote(PRICE, Tokens(5), "Rivers", BRIEF)

    assert not short.enough
    assert FEWEST_WORDS <= short.covered < BRIEF.words
    shorter = attrs.evolve(BRIEF, words=short.covered)
    assert quotes.quote(PRICE, Tokens(whole // 2), "Rivers", shorter).enough
    assert none.covered == 0
