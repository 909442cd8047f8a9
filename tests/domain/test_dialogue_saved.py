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
    Brief,
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
FIELDS["brief"] = st.builds(
    Brief, **{field.name: FIELDS[field.name] for field in attrs.fields(Brief)}
)
ORDER = EssayConfirm(
    brief=Brief("Rain", Level.A_LEVEL, 500, Language.NDEBELE, points=("Drought",)),
    tokens=Tokens(40),
    usual=Tokens(20),
    sketch=Tokens(3),
    conversation=ConversationId("c"),
)
SECTIONS_OF_IT = (Section("Nhanganyaya"), Section("Mhedziso", ("Mvura",)))
OUTLINED = EssayOutlined(
    brief=Brief("Rain", Level.A_LEVEL, 500, Language.SHONA, outline=SECTIONS_OF_IT),
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
        "brief": {
            "topic": "Rain",
            "level": "a",
            "words": 500,
            "language": "nd",
            "style": "none",
            "points": ["Drought"],
            "outline": [],
            "beside": None,
        },
        "tokens": 40,
        "usual": 20,
        "sketch": 3,
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
        {"tokens": 1.5},
        {"conversation": 7},
        {"brief": None},
        {"brief": "Rain"},
        {"brief": []},
    ],
)
def test_a_state_of_another_time_is_the_menu(change: dict[str, Any]) -> None:
    """An order that was not placed may be lost; a dialogue may not."""
    stored: dict[str, Any] = {**save(ORDER), **change}

    assert restored(stored) == Menu()


@pytest.mark.parametrize(
    "change",
    [
        {"level": "z"},
        {"level": 1},
        {"words": "500"},
        {"words": -1},
        {"words": True},
        {"words": None},
        {"language": "fr"},
        {"topic": None},
        {"points": "Drought"},
        {"points": [1]},
        {"points": None},
        {"beside": 7},
    ],
)
def test_a_damaged_brief_is_the_menu(change: dict[str, Any]) -> None:
    """It would be written as it is."""
    assert restored(with_brief(save(ORDER), **change)) == Menu()


@pytest.mark.parametrize("field", list(save(ORDER)))
def test_a_state_with_a_part_missing_is_the_menu(field: str) -> None:
    """Half an order is none."""
    stored: Saved = save(ORDER)
    del stored[field]

    assert restored(stored) == Menu()


@pytest.mark.parametrize("field", [field.name for field in attrs.fields(Brief)])
def test_a_brief_with_a_part_missing_is_the_menu(field: str) -> None:
    """Nor is half a brief."""
    stored: dict[str, Any] = save(ORDER)
    del stored["brief"][field]

    assert restored(stored) == Menu()


def with_brief(stored: dict[str, Any], **change: object) -> dict[str, Any]:
    """An order with something else in its brief."""
    return {**stored, "brief": {**stored["brief"], **change}}


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
    assert restored(with_brief(stored, outline=outline)) == Menu()


def test_a_number_that_cannot_pay_is_not_restored() -> None:
    """What is paid from is checked again."""
    stored = save(
        BuyConfirm(method=Method.ECOCASH, package="small", number=Phone("+1"))
    )

    assert restored(stored) == Menu()


def test_nothing_stored_is_the_menu() -> None:
    """Whoever writes for the first time has no state."""
    assert restored({}) == Menu()
