"""Files and statements from a node, as a browser fetches them."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from tests.system.harness import House, text_of
from tests.system.people import Person
from tests.system.soundness import assert_sound
from tests.wire.papers import words_of_docx, words_of_pdf


@pytest.fixture
def asked(house: House, person: Person) -> dict[str, Any]:
    """A chat of one question."""
    talk = person.connect()
    return talk.finish(talk.ask("1", "Why does it rain? words:50")).accepted


def test_an_answer_as_every_kind_of_file(
    house: House, person: Person, asked: dict[str, Any]
) -> None:
    """Each has its words; for others there is no such answer."""
    path = f"/api/v1/answers/{asked['answer']}/export"
    files = {
        kind: person.call("GET", f"{path}?format={kind}&language=nd")
        for kind in ("pdf", "docx", "md", "txt")
    }

    words = text_of(50).split()
    read = {
        "pdf": words_of_pdf(files["pdf"].body),
        "docx": words_of_docx(files["docx"].body),
        "md": files["md"].body.decode(),
        "txt": files["txt"].body.decode(),
    }
    for kind, file in files.items():
        assert file.status == 200
        assert file.headers["content-disposition"].startswith(
            f'attachment; filename="Why does it rain words 50.{kind}"'
        )
        assert [word for word in words if word not in read[kind].split()] == []
        assert "Amagama: 50" in read[kind].replace("**", "")
    assert Person.sign_up(person.url).call("GET", path).status == 404


def test_a_whole_conversation(
    house: House, person: Person, asked: dict[str, Any]
) -> None:
    """With its questions; what another person asks for is not found."""
    path = f"/api/v1/conversations/{asked['conversation']}/export?format=txt"

    file = person.call("GET", path)

    assert "> Why does it rain? words:50" in file.body.decode()
    assert text_of(50).split()[-1] in file.body.decode()
    assert Person.sign_up(person.url).call("GET", path).status == 404


def test_the_month_equals_the_wallet(
    house: House, person: Person, asked: dict[str, Any]
) -> None:
    """As JSON, as CSV and on paper."""
    told = person.call("GET", "/api/v1/statement").json
    sheet = person.call("GET", "/api/v1/statement?format=csv").body.decode("utf-8-sig")
    paper = person.call("GET", "/api/v1/statement?format=pdf").body

    assert told["closing"] == sum(person.balance())
    assert told["opening"] == 0
    assert [one["kind"] for one in told["movements"]] == ["welcome", "chat"]
    assert told["movements"][1]["answer"] == asked["answer"]
    rows = [*csv.DictReader(StringIO(sheet))]
    assert int(rows[-1]["balance"]) == told["closing"]
    assert sum(int(row["tokens"] or 0) for row in rows) == told["closing"]
    assert f"{told['closing']:,}" in words_of_pdf(paper)
    assert_sound(house)
