"""States between two messages: stored, and found again."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.dialogue import restored, save
from zimgpt.domain.dialogue.saved import _NAMES, Saved
from zimgpt.domain.dialogue.states import (
    BuyConfirm,
    EssayConfirm,
    EssayOutlined,
    Level,
    Menu,
    State,
)
from zimgpt.domain.essays.briefs import Section, Style
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.domain.texts import Language
from zimgpt.domain.topups.networks import Method

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NUMBERS = st.integers(0, 999_999).map(lambda n: Phone(f"+263771{n:06}"))
SECTIONS = st.builds(
    Section,
    heading=TEXT,
    points=st.lists(TEXT, max_size=3).map(tuple),
    words=st.none() | st.integers(1, 999),
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "conversation": st.none() | st.uuids().map(str).map(ConversationId),
    "beside": st.none() | st.uuids().map(str).map(ConversationId),
    "topic": TEXT,
    "level": st.sampled_from(Level),
    "words": st.integers(0, 9_999),
    "language": st.sampled_from(Language),
    "style": st.sampled_from(Style),
    "usual": st.integers(0, 10**9).map(Tokens),
    "tokens": st.integers(0, 10**12).map(Tokens),
    "sketch": st.integers(0, 10**12).map(Tokens),
    "points": st.lists(TEXT, max_size=3).map(tuple),
    "outline": st.lists(SECTIONS, max_size=3).map(tuple),
    "answer": st.uuids().map(str).map(AnswerId),
    "package": TEXT,
    "number": NUMBERS,
    "gift": NUMBERS,
    "method": st.sampled_from(Method),
}
ORDER = EssayConfirm(
    topic="Rain",
    level=Level.A_LEVEL,
    words=500,
    language=Language.NDEBELE,
    tokens=Tokens(40),
    usual=Tokens(20),
    sketch=Tokens(3),
    points=("Drought",),
    conversation=ConversationId("c"),
)


OUTLINED = EssayOutlined(
    topic="Rain",
    level=Level.A_LEVEL,
    words=500,
    language=Language.SHONA,
    outline=(Section("Nhanganyaya"), Section("Mhedziso", ("Mvura",))),
    tokens=Tokens(40),
    usual=Tokens(20),
)


@st.composite
def states(draw: st.DrawFn) -> State:
    """Any state there can be."""
    kind: Any = draw(st.sampled_from(list(_NAMES.values())))
    return kind(  # type: ignore[no-any-return]
        **{field.name: draw(FIELDS[field.name]) for field in attrs.fields(kind)}
    )


@given(states())
def test_a_state_is_found_as_it_was_left(state: State) -> None:
    """Through JSON and back, a dialogue goes on where it stopped."""
    assert restored(json.loads(json.dumps(save(state)))) == state


def test_what_is_stored_is_plain_and_names_its_version() -> None:
    """An operator who looks at a row can read it."""
    assert save(ORDER) == {
        "v": 1,
        "state": "essay.confirm",
        "topic": "Rain",
        "level": "a",
        "words": 500,
        "language": "nd",
        "tokens": 40,
        "usual": 20,
        "sketch": 3,
        "points": ["Drought"],
        "style": "none",
        "conversation": "c",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"v": 0},
        {"v": 2},
        {"v": "1"},
        {"state": "essay.dream"},
        {"state": None},
        {"state": ["menu"]},
        {"level": "z"},
        {"level": 1},
        {"words": "500"},
        {"words": -1},
        {"words": True},
        {"words": None},
        {"language": "fr"},
        {"tokens": 1.5},
        {"topic": None},
        {"conversation": 7},
        {"points": "Drought"},
        {"points": [1]},
        {"points": None},
    ],
)
def test_a_state_of_another_time_is_the_menu(change: dict[str, Any]) -> None:
    """An order that was not placed may be lost; a dialogue may not."""
    stored: dict[str, Any] = {**save(ORDER), **change}

    assert restored(stored) == Menu()


@pytest.mark.parametrize("field", list(save(ORDER)))
def test_a_state_with_a_part_missing_is_the_menu(field: str) -> None:
    """Half an order is none."""
    stored: Saved = save(ORDER)
    del stored[field]

    assert restored(stored) == Menu()


@pytest.mark.parametrize(
    "outline",
    [
        None,
        "Rain",
        ["Rain"],
        [{}],
        [{"heading": "Rain", "points": [], "words": "1"}],
        [{"heading": "Rain", "points": "x", "words": None}],
    ],
)
def test_a_damaged_outline_is_the_menu(outline: object) -> None:
    """It would be paid for as it is."""
    stored = save(OUTLINED)

    assert restored(json.loads(json.dumps(stored))) == OUTLINED
    assert restored({**stored, "outline": outline}) == Menu()


def test_a_number_that_cannot_pay_is_not_restored() -> None:
    """What is paid from is checked again."""
    stored = save(
        BuyConfirm(method=Method.ECOCASH, package="small", number=Phone("+1"))
    )

    assert restored(stored) == Menu()


def test_nothing_stored_is_the_menu() -> None:
    """Whoever writes for the first time has no state."""
    assert restored({}) == Menu()
