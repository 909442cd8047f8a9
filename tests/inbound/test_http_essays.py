"""Essays over HTTP: their price, their order, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.inbound.house import ANSWER, NOTHING, House
from zimgpt.domain.essays.briefs import Brief, Level, Section, Style
from zimgpt.domain.questions import Kind
from zimgpt.domain.texts import Language

BRIEF: dict[str, Any] = {
    "level": "cambridge_o",
    "words": 3000,
    "style": "mla",
    "language": "nd",
    "points": ["dams"],
    "outline": [{"heading": "One", "points": ["a"], "words": 5}, {"heading": "Two"}],
}
UNDERSTOOD = Brief(
    level=Level.CAMBRIDGE_O,
    words=3_000,
    style=Style.MLA,
    language=Language.NDEBELE,
    points=("dams",),
    outline=(Section("One", ("a",), 5), Section("Two")),
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Nobody has signed up yet."""
    return House(str(tmp_path))


def test_a_price_before_anything_is_ordered(house: House) -> None:
    """With what the balance covers, in words and pages."""
    draft = {"text": "Rivers", "brief": BRIEF}

    answer = house.person().ask("POST", "/api/v1/essays/price", json=draft)

    assert answer.status == 200
    assert answer.json == {
        "most": 9000,
        "usual": 6000,
        "page": 600,
        "balance": 5000,
        "enough": False,
        "covered": 1500,
        "words": 3000,
        "pages": 10,
    }
    assert [brief for _, _, brief in house.orders.priced] == [UNDERSTOOD]


def test_an_essay_is_asked_for_with_its_brief(house: House) -> None:
    """Like any question."""
    question = {"id": "q", "kind": "essay", "text": "Rivers", "brief": BRIEF}

    answer = house.person().ask("POST", "/api/v1/answers", json=question)

    assert answer.status == 202
    [(_, asked, _)] = house.desk.asked
    assert (asked.kind, asked.text, asked.brief) == (Kind.ESSAY, "Rivers", UNDERSTOOD)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"words": 99}, "brief_invalid"),
        ({"level": "primary"}, "bad_request"),
        ({"style": "chicago"}, "bad_request"),
        ({"words": "many"}, "bad_request"),
        ({"colour": "blue"}, "bad_request"),
        ({"outline": [{"heading": "One"}]}, "brief_invalid"),
        ({"outline": [{"title": "One"}]}, "bad_request"),
        ({"points": ["\ud800"]}, "bad_request"),
    ],
)
def test_what_cannot_be_ordered_is_said(
    house: House, change: dict[str, Any], code: str
) -> None:
    """With a sentence that says what is wrong."""
    draft = {"text": "Rivers", "brief": BRIEF | change}

    answer = house.person().ask("POST", "/api/v1/essays/price", json=draft)

    assert answer.status == 400
    assert answer.json["error"]["code"] == code


def test_an_outline_as_sections(house: House) -> None:
    """Ready to be edited and sent back."""
    answer = house.person().ask("GET", f"/api/v1/essays/{ANSWER}")

    assert answer.json["outline"] == [
        {"heading": "Floods", "points": ["rain"], "words": None},
        {"heading": "Conclusion", "points": ["so"], "words": None},
    ]
    assert answer.json["brief"]["step"] == "outline"


@pytest.mark.parametrize("answer", [NOTHING, "no-id", "price"])
def test_what_is_not_theirs_is_not_there(house: House, answer: str) -> None:
    """Nor what has no brief."""
    assert house.person().ask("GET", f"/api/v1/essays/{answer}").status in (404, 405)


def test_a_conversation_is_kept_whole(house: House) -> None:
    """Every turn, and what is remembered beside them."""
    kept = house.person().ask(
        "GET", "/api/v1/conversations/00000001-0000-4000-8000-000000000001"
    )

    assert [turn["question"] for turn in kept.json["turns"]] == ["Sadza?", "Nyama?"]
    assert kept.json["memory"] == "They like sadza."
