"""What an operator sees of a stretch of time."""

from __future__ import annotations

from datetime import date

import attrs

from zimgpt.domain.figures import (
    Asked,
    Messaged,
    Moved,
    Rows,
    Taken,
    Waited,
    figures,
    whole,
)
from zimgpt.domain.stretches import Span, stretch_of

WEEK = stretch_of(Span.WEEK, date(2026, 11, 25))
MONDAY, TUESDAY, *_ = WEEK.moments
ASKED = Asked(
    at=MONDAY,
    kind="chat",
    channel="web",
    questions=3,
    failed=1,
    prompt=10,
    completion=20,
    cost_picos=1_000_001,
    uncosted=0,
)
TAKEN = Taken(at=MONDAY, currency="USD", payments=2, paid=150, returned=50, cents=100)


def test_steps_without_rows_are_zero() -> None:
    """And of waits, unknown: nobody waited."""
    told = figures(WEEK, Rows(), None)

    assert told.sold == told.spent == told.kinds["essay"] == (0,) * 7
    assert told.cost == told.margin == (0,) * 7
    assert told.waits == (None,) * 7
    assert told.charged == {}


def test_rows_of_a_step_are_added_up() -> None:
    """By kind, by channel and all together."""
    essay = attrs.evolve(ASKED, kind="essay", channel="whatsapp", questions=2)
    later = attrs.evolve(ASKED, at=TUESDAY, failed=0)

    told = figures(WEEK, Rows(asked=[ASKED, essay]) + Rows(asked=[later]), None)

    assert told.kinds["chat"][:2] == (3, 3)
    assert told.kinds["essay"][:2] == (2, 0)
    assert told.channels["whatsapp"][:2] == (2, 0)
    assert told.failed[:2] == (2, 0)
    assert told.completion[:2] == (40, 20)


def test_the_house_gives_and_takes() -> None:
    """What its accounts lost was sold or given; what they gained was spent."""
    moved = [
        Moved(at=MONDAY, account=account, tokens=tokens)
        for account, tokens in (("issued", -9), ("granted", -5), ("spent", 3))
    ]

    told = figures(WEEK, Rows(moved=moved), None)

    assert (told.sold[0], told.given[0], told.spent[0]) == (9, 5, 3)


def test_money_that_went_back_is_none() -> None:
    """It may be more than what came, on that day."""
    back = Taken(
        at=TUESDAY, currency="ZWG", payments=0, paid=0, returned=2_680, cents=-100
    )

    told = figures(WEEK, Rows(taken=[TAKEN, back]), None)

    assert told.revenue["USD"][:2] == (100, 0)
    assert told.revenue["ZWG"][:2] == (0, -2_680)
    assert told.cents[:2] == (100, -100)
    assert told.payments[:2] == (2, 0)


def test_the_margin_is_what_is_left() -> None:
    """In millionths of a dollar; a fraction of one that was spent counts as one."""
    told = figures(WEEK, Rows(asked=[ASKED], taken=[TAKEN]), None)

    assert told.cost[0] == 2
    assert told.margin[0] == 1_000_000 - 2
    assert whole(told.margin) == 999_998


def test_nothing_is_guessed() -> None:
    """An answer of a model whose cost is unknown leaves a gap, there and in the sum."""
    unknown = attrs.evolve(ASKED, at=TUESDAY, uncosted=1)

    told = figures(WEEK, Rows(asked=[ASKED, unknown], taken=[TAKEN]), None)

    assert told.cost[:3] == (2, None, 0)
    assert told.margin[:3] == (999_998, None, 0)
    assert whole(told.cost) is None
    assert told.uncosted == (0, 1, 0, 0, 0, 0, 0)


def test_messages_and_waits_keep_their_places() -> None:
    """Those that cost by category, the others together."""
    waited = Waited(
        at=TUESDAY,
        answers=1,
        first_half=1,
        first_most=2,
        whole_half=None,
        whole_most=None,
    )
    told = figures(
        WEEK,
        Rows(
            messaged=[
                Messaged(at=MONDAY, category="utility", billable=True, messages=4),
                Messaged(at=MONDAY, category="utility", billable=False, messages=1),
                Messaged(at=MONDAY, category="service", billable=False, messages=2),
            ],
            waited=[waited],
        ),
        waited,
    )

    assert told.charged == {"utility": (4, 0, 0, 0, 0, 0, 0)}
    assert told.free[0] == 3
    assert told.waits[:3] == (None, waited, None)
    assert told.overall is waited
