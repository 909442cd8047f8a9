"""Outlines and points as people type them on a telephone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.dialogue.editing import Wrong, edited, points
from zimgpt.domain.essays.briefs import (
    Brief,
    Level,
    Section,
    checked,
)

OUTLINE = (
    Section("Introduction"),
    Section("Rain", ("Floods", "Drought")),
    Section("People"),
    Section("Conclusion"),
)
INTRODUCTION, RAIN, PEOPLE, CONCLUSION = OUTLINE
NEW = Section("Cattle")


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("1 3 2 4", (INTRODUCTION, PEOPLE, RAIN, CONCLUSION)),
        ("1, 3, 4", (INTRODUCTION, PEOPLE, CONCLUSION)),
        ("4; 1.", (CONCLUSION, INTRODUCTION)),
        ("1-3", (INTRODUCTION, RAIN, PEOPLE)),
        ("1 \u2013 2\n4", (INTRODUCTION, RAIN, CONCLUSION)),
        ("2\n2\n1 1", (RAIN, INTRODUCTION)),
        ("3 Farmers", (INTRODUCTION, RAIN, Section("Farmers"), CONCLUSION)),
        ("2. Water", (INTRODUCTION, Section("Water", RAIN.points), PEOPLE, CONCLUSION)),
        ("delete 2", (INTRODUCTION, PEOPLE, CONCLUSION)),
        ("BVISA 2, 3", (INTRODUCTION, CONCLUSION)),
        ("Susa 2-3", (INTRODUCTION, CONCLUSION)),
        ("add Cattle", (INTRODUCTION, RAIN, PEOPLE, NEW, CONCLUSION)),
        ("Wedzera Cattle\nbvisa 2", (INTRODUCTION, PEOPLE, NEW, CONCLUSION)),
        ("ENGEZA  Cattle ", (INTRODUCTION, RAIN, PEOPLE, NEW, CONCLUSION)),
        ("1\nCattle\n4", (INTRODUCTION, NEW, CONCLUSION)),
        ("1-2\nCattle\n- Rinderpest\n• Milk", (INTRODUCTION, RAIN, None)),
        ("1\n2\n- Dams\n4", (INTRODUCTION, None, CONCLUSION)),
        ("Rain\nIntroduction", (RAIN, INTRODUCTION)),
        ("Cattle\nconclusion", (NEW, Section("conclusion"))),
        (
            "1. Introduction\n2. Cattle\n3. Rain\n4. People\n5. Conclusion",
            (INTRODUCTION, NEW, RAIN, PEOPLE, CONCLUSION),
        ),
        ("1 Beginning\n2 Rain", (Section("Beginning"), RAIN)),
    ],
)
def test_lines_change_an_outline(text: str, then: tuple[Section | None, ...]) -> None:
    """In a new order, without, with and renamed, as the message says it is done."""
    now = edited(OUTLINE, text)

    assert not isinstance(now, Wrong)
    assert len(now) == len(then)
    for one, other in zip(now, then, strict=True):
        assert other is None or one == other


def test_points_belong_to_the_section_above() -> None:
    """They come after those that it has."""
    now = edited(OUTLINE, "1\n2\n- Dams\nCattle\n• Milk")

    assert now == (
        INTRODUCTION,
        Section("Rain", ("Floods", "Drought", "Dams")),
        Section("Cattle", ("Milk",)),
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("What is osmosis?", Wrong.UNCLEAR),
        ("", Wrong.UNCLEAR),
        ("- a point of nothing\n1", Wrong.UNCLEAR),
        ("1\n2 \x00", Wrong.UNCLEAR),
        ("1\n***\n2", Wrong.UNCLEAR),
        ("1 5", Wrong.NUMBER),
        ("0", Wrong.NUMBER),
        ("132", Wrong.NUMBER),
        ("3-2", Wrong.NUMBER),
        ("5 Cattle", Wrong.NUMBER),
        ("delete rain", Wrong.NUMBER),
        ("delete 9", Wrong.NUMBER),
        ("2", Wrong.COUNT),
        ("delete 1-3", Wrong.COUNT),
        ("\n".join(f"Part {letter}" for letter in "abcdefghijklm"), Wrong.COUNT),
        ("1\n" + "x" * 121, Wrong.LONG),
        ("add " + "x" * 121, Wrong.LONG),
        ("1\n2\n- " + "x" * 301, Wrong.LONG),
        ("1\n2" + "\n- x" * 7, Wrong.LONG),
    ],
)
def test_lines_that_cannot_be_followed_change_nothing(text: str, why: Wrong) -> None:
    """Each has its own sentence."""
    assert edited(OUTLINE, text) is why


LINES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["1", "2 3", "1-4", "- x", "add y", "delete 2", "3 Z", "Rain"]),
)


@given(st.lists(LINES, max_size=14).map("\n".join))
def test_whatever_is_typed_can_be_ordered(text: str) -> None:
    """An outline that was changed keeps to the rules that every channel has."""
    now = edited(OUTLINE, text)

    if not isinstance(now, Wrong):
        checked("Why?", Brief(level=Level.GENERAL, words=500, outline=now))


def test_points_to_cover_are_lines() -> None:
    """With or without numbers and dots before them."""
    text = "1. Land\n- Hut tax\n\n  Cattle   and  crops\n1896 uprising\n• x"

    assert points(text) == (
        "Land",
        "Hut tax",
        "Cattle and crops",
        "1896 uprising",
        "x",
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", Wrong.POINTS_UNCLEAR),
        ("???", Wrong.POINTS_UNCLEAR),
        ("Land\n\x00", Wrong.POINTS_UNCLEAR),
        ("\n".join(map(str, range(100, 121))), Wrong.POINTS_MANY),
        ("x" * 301, Wrong.POINTS_LONG),
    ],
)
def test_points_that_cannot_be_covered(text: str, why: Wrong) -> None:
    """Each has its own sentence."""
    assert points(text) is why


@given(st.text())
def test_whatever_points_are_typed_can_be_ordered(text: str) -> None:
    """Points keep to the rules that every channel has."""
    found = points(text)

    if not isinstance(found, Wrong):
        checked("Why?", Brief(level=Level.GENERAL, words=500, points=found))
