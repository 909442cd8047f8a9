"""What answers cost and what is held for them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zimgpt.domain.ledger import (
    InsufficientTokens,
    NoPrice,
    Price,
    Terms,
    Tokens,
    Usage,
    charge,
    cost,
    dearest,
    terms,
)

PRICE = Price("small", prompt_millis=250, completion_millis=1_000)

prices = st.builds(
    Price,
    model=st.just("m"),
    prompt_millis=st.integers(0, 50_000),
    completion_millis=st.integers(0, 50_000),
)
usages = st.builds(
    Usage, prompt=st.integers(0, 20_000), completion=st.integers(0, 20_000)
)
balances = st.integers(0, 2_000_000).map(Tokens)


@pytest.mark.parametrize(
    ("prompt", "completion", "expected"),
    [(0, 0, 0), (1, 0, 1), (4, 0, 1), (5, 0, 2), (0, 7, 7), (3, 7, 8), (4, 7, 8)],
)
def test_cost_rounds_a_fraction_up(prompt: int, completion: int, expected: int) -> None:
    """A part of a token is charged as one, once for the whole answer."""
    assert cost(PRICE, Usage(prompt, completion)) == expected


@given(prices, usages)
def test_cost_is_the_smallest_whole_number_that_covers_the_use(
    price: Price, usage: Usage
) -> None:
    """Nobody pays a whole token more than the use came to."""
    millis = (
        price.prompt_millis * usage.prompt + price.completion_millis * usage.completion
    )

    charged = cost(price, usage)

    assert millis <= charged * 1000 < millis + 1000


def test_terms_with_enough_money_ask_for_all_that_is_wanted() -> None:
    """A balance that covers the longest answer gets it."""
    agreed = terms(PRICE, Tokens(600), prompt=400, wanted=500, least=64)

    assert agreed == Terms(500, Tokens(600), lowered=False)


def test_terms_are_lowered_to_what_the_balance_covers() -> None:
    """One token less than the whole price buys an answer one model token shorter."""
    agreed = terms(PRICE, Tokens(599), prompt=400, wanted=500, least=64)

    assert agreed == Terms(499, Tokens(599), lowered=True)


def test_terms_refuse_an_answer_too_short_to_help() -> None:
    """Money for 63 model tokens buys nothing when 64 are the least."""
    with pytest.raises(InsufficientTokens):
        terms(PRICE, Tokens(163), prompt=400, wanted=500, least=64)

    agreed = terms(PRICE, Tokens(164), prompt=400, wanted=500, least=64)
    assert agreed == Terms(64, Tokens(164), lowered=True)


def test_terms_of_an_answer_wanted_shorter_than_the_least() -> None:
    """Whoever wants ten model tokens and can pay for them gets them, and no fewer."""
    assert terms(PRICE, Tokens(10), prompt=0, wanted=10, least=64).max_tokens == 10
    with pytest.raises(InsufficientTokens):
        terms(PRICE, Tokens(9), prompt=0, wanted=10, least=64)


def test_terms_of_a_free_model_still_hold_a_token() -> None:
    """A hold is never nothing, and never more than there is."""
    free = Price("free", prompt_millis=0, completion_millis=0)

    assert terms(free, Tokens(1), prompt=9, wanted=9, least=1).hold == 1
    with pytest.raises(InsufficientTokens):
        terms(free, Tokens(0), prompt=9, wanted=9, least=1)


@given(
    prices,
    balances,
    st.integers(0, 9_000),
    st.integers(1, 5_000),
    st.integers(0, 100),
    st.data(),
)
def test_terms_hold_what_the_model_may_use_and_no_more_than_there_is(
    price: Price,
    available: Tokens,
    prompt: int,
    wanted: int,
    least: int,
    data: st.DataObject,
) -> None:
    """No use within the terms costs more than the hold, which the balance covers."""
    try:
        agreed = terms(price, available, prompt=prompt, wanted=wanted, least=least)
    except InsufficientTokens:
        assume(False)
    used = Usage(
        data.draw(st.integers(0, prompt)), data.draw(st.integers(0, agreed.max_tokens))
    )

    assert 1 <= agreed.hold <= available
    assert min(least, wanted) <= agreed.max_tokens <= wanted
    assert agreed.max_tokens >= 1
    assert cost(price, used) <= agreed.hold


@given(prices, balances, st.integers(0, 9_000), st.integers(1, 5_000))
def test_terms_are_lowered_no_further_than_needed(
    price: Price, available: Tokens, prompt: int, wanted: int
) -> None:
    """Lowered means that one model token more would not fit; else all is granted."""
    try:
        agreed = terms(price, available, prompt=prompt, wanted=wanted, least=1)
    except InsufficientTokens:
        assert max(cost(price, Usage(prompt, 1)), 1) > available
        return

    if agreed.lowered:
        assert cost(price, Usage(prompt, agreed.max_tokens + 1)) > available
    else:
        assert agreed.max_tokens == wanted


def test_dearest_takes_the_higher_price_of_each_side() -> None:
    """A hold taken before the model is known covers whichever answers."""
    actual = dearest((Price("a", 1, 9), Price("b", 4, 2)))

    assert (actual.prompt_millis, actual.completion_millis) == (4, 9)


def test_dearest_of_nothing_is_refused() -> None:
    """A model without a price is not asked."""
    with pytest.raises(NoPrice):
        dearest(())


@given(st.lists(prices, min_size=1, max_size=4), usages)
def test_dearest_covers_every_price(several: list[Price], usage: Usage) -> None:
    """The dearest price is never below any of those it stands for."""
    most = cost(dearest(tuple(several)), usage)

    assert all(cost(price, usage) <= most for price in several)


@given(prices, usages, st.integers(1, 10_000).map(Tokens))
def test_charge_is_the_cost_up_to_the_hold(
    price: Price, usage: Usage, hold: Tokens
) -> None:
    """Never more than was held is taken, and exactly the cost below that."""
    charged = charge(price, usage, hold)

    assert 0 <= charged <= hold
    assert charged in (cost(price, usage), hold)
