"""What a child is told to make, made of it without the child."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from docx import Document

from tests.wire.papers import manuscript, words_of_pdf
from zimgpt.domain.papers.files import Format
from zimgpt.domain.statements import (
    Month,
    Movement,
    MovementKind,
    Payment,
    Statement,
)
from zimgpt.domain.texts import Language
from zimgpt.wire.papers.orders import Order, Setting, Stating, decode, encode, made

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
BOUGHT = Movement(
    at=AT,
    kind=MovementKind.PURCHASE,
    tokens=10_000,
    balance=10_500,
    payment=Payment(
        reference="ZG-1",
        provider_reference="36225925",
        amount_minor=50,
        currency="USD",
    ),
)
ASKED = Movement(
    at=AT, kind=MovementKind.CHAT, tokens=-120, balance=10_380, title="=1+1"
)
DAY = Movement(
    at=AT, kind=MovementKind.ESSAY, tokens=-380, balance=10_000, count=2, title="Rain"
)


def stated(*movements: Movement) -> Statement:
    """November, which began with 500 tokens."""
    return Statement(month=Month(2026, 11), opening=500, movements=movements)


def file_of(order: Order) -> bytes:
    """As a child makes it of what it reads."""
    return made(decode(encode(order)))


def rows(statement: Statement) -> list[list[str]]:
    """The CSV file, read again."""
    content = file_of(Stating(statement, "csv", Language.ENGLISH))
    return list(csv.reader(StringIO(content.decode("utf-8-sig"))))


def test_a_month_as_a_table() -> None:
    """It opens, names each movement with both references, and closes."""
    table = rows(stated(BOUGHT, ASKED, DAY))

    assert [row[7] for row in table] == ["tokens", "", "10000", "-120", "-380", ""]
    assert [row[8] for row in table[1:]] == ["500", "10500", "10380", "10000", "10000"]
    assert table[2][3:7] == ["ZG-1", "36225925", "0.50", "USD"]
    assert table[4][2] == "2 Rain"


def test_no_spreadsheet_calculates_what_people_wrote() -> None:
    """A title that begins like a formula is text."""
    assert rows(stated(ASKED))[2][2] == "'=1+1"


@pytest.mark.parametrize("language", list(Language))
def test_a_month_as_a_document(language: Language) -> None:
    """Every reference is on it, in each language."""
    words = words_of_pdf(file_of(Stating(stated(BOUGHT, ASKED), "pdf", language)))

    assert "ZG-1" in words
    assert "36225925" in words
    assert "10,380" in words


def test_a_month_without_movements() -> None:
    """Its document says so, and its table has two lines beside the head."""
    empty = stated()

    assert "2026" in words_of_pdf(file_of(Stating(empty, "pdf", Language.ENGLISH)))
    assert len(rows(empty)) == 3


@pytest.mark.parametrize("kind", list(Format))
def test_each_kind_of_file(kind: Format) -> None:
    """The words of an answer are in the file."""
    content = file_of(Setting(manuscript("Mhoro **shamwari**."), kind))

    match kind:
        case Format.PDF:
            words = words_of_pdf(content)
        case Format.DOCX:
            opened = Document(BytesIO(content))
            words = "\n".join(one.text for one in opened.paragraphs)
        case _:
            words = content.decode()
    assert "shamwari" in words
