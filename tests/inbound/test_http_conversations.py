"""Finding conversations again over HTTP."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.inbound.house import ANSWER, CONVERSATION, NOTHING, House
from zimgpt.domain.answers import Finish, State, sentence

LIST = "/api/v1/conversations"
ONE = f"{LIST}/{CONVERSATION}"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Nobody has signed up yet."""
    return House(str(tmp_path))


def test_the_list(house: House) -> None:
    """Ids, titles and times."""
    answer = house.person().ask("GET", LIST)

    assert answer.status == 200
    assert answer.json == {
        "conversations": [
            {
                "id": CONVERSATION,
                "kind": "chat",
                "title": "Food",
                "updated_at": "2026-11-22T12:00:00Z",
            }
        ]
    }


def test_searching_and_paging(house: House) -> None:
    """The query says what for, from where and how many."""
    found = house.person().ask(
        "GET", f"{LIST}?search={quote('sadza & nyama é')}&before={NOTHING}&limit=5"
    )

    assert found.json == {"conversations": []}
    assert house.shelf.asked == [
        {"search": "sadza & nyama é", "before": NOTHING, "limit": 5}
    ]


def test_turns(house: House) -> None:
    """Questions with their answers so far; what is not there yet is left out."""
    answer = house.person().ask("GET", f"{ONE}/turns?before={NOTHING}&limit=7")

    assert answer.json == {
        "turns": [
            {
                "answer": ANSWER,
                "question": "Sadza?",
                "text": "Ehe",
                "state": "interrupted",
                "finish": "stopped",
                "cost": 7,
                "note": sentence(State.INTERRUPTED, Finish.STOPPED),
                "asked_at": "2026-11-22T12:00:00Z",
            },
            {
                "answer": NOTHING,
                "question": "Nyama?",
                "text": "",
                "state": "queued",
                "cost": 0,
                "asked_at": "2026-11-22T12:00:00Z",
            },
        ]
    }
    assert house.shelf.asked == [{"before": NOTHING, "limit": 7}]


def test_turns_without_a_query(house: House) -> None:
    """The latest thirty."""
    assert house.person().ask("GET", f"{ONE}/turns").status == 200

    assert house.shelf.asked == [{"before": None, "limit": 30}]


def test_turns_after_one(house: House) -> None:
    """For who has the others; 409 if what they have makes no sense any more."""
    person = house.person()

    found = person.ask("GET", f"{ONE}/turns?after={ANSWER}&texts=false")
    gone = person.ask("GET", f"{ONE}/turns?after={NOTHING}")

    assert found.status == 200
    assert (gone.status, gone.json["error"]["code"]) == (409, "turn_replaced")
    asked = {"before": None, "limit": 30, "after": ANSWER, "texts": False}
    assert house.shelf.asked[0] == asked


def test_renaming(house: House) -> None:
    """The title as it is kept comes back."""
    answer = house.person().ask("PATCH", ONE, json={"title": " My\nfood "})

    assert answer.status == 200
    assert answer.json == {"id": CONVERSATION, "title": "My food"}
    assert house.shelf.title == "My food"


@pytest.mark.parametrize("title", ["", "x" * 101])
def test_a_bad_title(house: House, title: str) -> None:
    """400 with a code of its own."""
    answer = house.person().ask("PATCH", ONE, json={"title": title})

    assert (answer.status, answer.code) == (400, "title_invalid")


def test_deleting(house: House) -> None:
    """204 without a body."""
    answer = house.person().ask("DELETE", ONE)

    assert (answer.status, answer.body) == (204, b"")
    assert house.shelf.deleted


@pytest.mark.parametrize("known", [CONVERSATION, NOTHING, "nonsense", "%25", "1'"])
def test_anothers_is_not_found(house: House, known: str) -> None:
    """404 for another's, for what never was and for what is no id at all."""
    house.person()
    other = house.person("0772222222")
    path = f"{LIST}/{known}"

    answers = [
        other.ask("GET", f"{path}/turns"),
        other.ask("PATCH", path, json={"title": "stolen"}),
        other.ask("DELETE", path),
    ]

    assert [(one.status, one.code) for one in answers] == [(404, "not_found")] * 3
    assert house.shelf.title == "Food"
    assert other.ask("GET", LIST).json == {"conversations": []}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=0", 400, "bad_request"),
        ("limit=101", 400, "bad_request"),
        ("limit=ten", 400, "bad_request"),
        ("limit=1.5", 400, "bad_request"),
        ("limit=", 400, "bad_request"),
        ("limit=" + "9" * 5_000, 400, "bad_request"),
        ("limit=1&limit=2", 400, "bad_request"),
        ("before=nonsense", 404, "not_found"),
        ("before=", 404, "not_found"),
        ("unknown=1", 400, "bad_request"),
        ("search=" + "x" * 201, 400, "bad_request"),
        ("search=%00", 400, "bad_request"),
        ("search=%ff", 400, "bad_request"),
        ("search=%ed%a0%80", 400, "bad_request"),  # a lone surrogate
        ("%ff=1", 400, "bad_request"),
    ],
)
def test_a_bad_query(house: House, query: str, status: int, code: str) -> None:
    """Refused with a sentence that says what is wrong."""
    answer = house.person().ask("GET", f"{LIST}?{query}")

    assert (answer.status, answer.code) == (status, code)
    assert house.shelf.asked == []
