"""Files and statements over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inbound.house import ANSWER, CONVERSATION, NOTHING, House
from zimgpt.domain.papers.files import Format, NotWritten
from zimgpt.domain.texts import Language
from zimgpt.flows.ports.documents import DocumentFailed, DocumentsBusy
from zimgpt.inbound.limits import Limits
from zimgpt.inbound.routes_documents import disposition

ESSAY = f"/api/v1/answers/{ANSWER}/export"
CHAT = f"/api/v1/conversations/{CONVERSATION}/export"
STATEMENT = "/api/v1/statement"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Nobody has signed up yet."""
    return House(str(tmp_path))


@pytest.mark.parametrize("path", [ESSAY, CHAT])
@pytest.mark.parametrize("kind", Format)
def test_files_come_with_their_name_and_type(
    house: House, path: str, kind: Format
) -> None:
    """They are kept rather than shown, by nobody but the asker."""
    answer = house.person().ask("GET", f"{path}?format={kind}&language=sn")

    assert (answer.status, answer.body) == (200, b"made")
    assert answer.header("Content-Disposition") == disposition(f"Food.{kind}")
    assert answer.header("Content-Length") == "4"
    assert answer.header("Cache-Control") == "private, no-store"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert house.press.asked == [(1, kind, Language.SHONA)]


def test_pdf_in_english_is_what_comes_without_asking(house: House) -> None:
    """A plain link gives what can be printed anywhere."""
    answer = house.person().ask("GET", ESSAY)

    assert answer.header("Content-Type") == "application/pdf"
    assert house.press.asked == [(1, Format.PDF, Language.ENGLISH)]


def test_names_survive_old_and_new_clients() -> None:
    """RFC 6266: ASCII for the old ones, UTF-8 for all others; no header is split."""
    told = disposition('Nhau "dze" ñ%\\.pdf')

    assert told == (
        'attachment; filename="Nhau _dze_ ___.pdf";'
        " filename*=UTF-8''Nhau%20%22dze%22%20%C3%B1%25%5C.pdf"
    )
    assert told.isascii()


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/answers/{NOTHING}/export",
        f"/api/v1/conversations/{NOTHING}/export",
        "/api/v1/answers/1/export",
        "/api/v1/export",
        f"/api/v1/answers/{ANSWER}/export/more",
    ],
)
def test_what_is_not_theirs_is_not_found(house: House, path: str) -> None:
    """Nor is what does not exist."""
    answer = house.person().ask("GET", path)

    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (NotWritten(), 409, "not_written"),
        (DocumentsBusy(), 503, "documents_busy"),
        (DocumentFailed(), 500, "document_failed"),
    ],
)
def test_what_cannot_be_made_is_told(
    house: House, refusal: Exception, status: int, code: str
) -> None:
    """With a sentence that says what to do."""
    house.press.refusal = refusal

    answer = house.person().ask("GET", ESSAY)

    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize(
    "path", [f"{ESSAY}?format=exe", f"{CHAT}?language=xx", f"{STATEMENT}?format=docx"]
)
def test_other_kinds_are_refused(house: House, path: str) -> None:
    """There are these formats and these languages."""
    answer = house.person().ask("GET", path)

    assert (answer.status, answer.code) == (400, "bad_request")


def test_a_statement(house: House) -> None:
    """Opening, what happened with the balance after it, sums, closing."""
    told = house.person().ask("GET", f"{STATEMENT}?month=2026-11").json

    assert told == {
        "month": "2026-11",
        "begins": "2026-11-01T00:00:00+02:00",
        "ends": "2026-12-01T00:00:00+02:00",
        "opening": 1_000,
        "closing": 9_993,
        "totals": [
            {"kind": "purchase", "count": 1, "tokens": 9_000},
            {"kind": "chat", "count": 1, "tokens": -7},
        ],
        "movements": [
            {
                "at": "2026-11-22T12:00:00Z",
                "kind": "purchase",
                "tokens": 9_000,
                "balance": 10_000,
                "payment": {
                    "reference": "ZG-1",
                    "provider_reference": "77",
                    "amount_minor": 250,
                    "currency": "USD",
                },
            },
            {
                "at": "2026-11-22T12:00:00Z",
                "kind": "chat",
                "tokens": -7,
                "balance": 9_993,
                "title": "Food",
                "answer": ANSWER,
            },
        ],
    }


@pytest.mark.parametrize("month", ["2026-13", "2026-12", "november", "2026-1"])
def test_months_that_there_are_not(house: House, month: str) -> None:
    """And those to come are told so."""
    answer = house.person().ask("GET", f"{STATEMENT}?month={month}")

    assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.parametrize(
    ("kind", "media"),
    [
        ("csv", "text/csv; charset=utf-8; header=present"),
        ("pdf", "application/pdf"),
    ],
)
def test_a_statement_as_a_file(house: House, kind: str, media: str) -> None:
    """In the language that was asked for."""
    path = f"{STATEMENT}?month=2026-11&format={kind}&language=nd"
    answer = house.person().ask("GET", path)

    assert answer.header("Content-Type") == media
    assert answer.header("Content-Disposition") == disposition(f"ZimGPT 2026-11.{kind}")
    assert house.press.asked == [(1, "2026-11", Language.NDEBELE)]


def test_files_of_one_person_are_limited(tmp_path: Path) -> None:
    """Answers, conversations and statements count together, another person apart."""
    house = House(str(tmp_path), limits=Limits(exports_per_minute=2))
    person = house.person()
    assert person.ask("GET", ESSAY).status == 200
    assert person.ask("GET", STATEMENT).status == 200

    refused = person.ask("GET", CHAT)

    assert (refused.status, refused.code) == (429, "too_fast")
    assert house.person("0772 222 222").ask("GET", CHAT).status == 200
