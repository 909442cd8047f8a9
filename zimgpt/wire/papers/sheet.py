"""A month of a wallet as CSV (RFC 4180), which spreadsheets open."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import Final

from zimgpt.domain.papers.statements import KINDS, money
from zimgpt.domain.statements import HARARE, Movement, Statement
from zimgpt.domain.texts import Language, say

COLUMNS: Final = (
    "time",
    "kind",
    "details",
    "reference",
    "provider_reference",
    "amount",
    "currency",
    "tokens",
    "balance",
)
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes spreadsheets calculate (OWASP, CSV injection)."""

Row = tuple[str | int, ...]


def sheet(statement: Statement, language: Language) -> bytes:
    """UTF-8 with a mark at its beginning, by which Excel knows; lines end in CR LF."""
    into = StringIO()
    writer = csv.writer(into)
    writer.writerow(COLUMNS)
    for row in _rows(statement, language):
        writer.writerow([_harmless(cell) for cell in row])
    return ("\ufeff" + into.getvalue()).encode()


def _rows(statement: Statement, language: Language) -> Iterator[Row]:
    month = statement.month
    opening, closing = (
        say(language, key) for key in ("statement.opening", "statement.closing")
    )
    yield _edge(month.begins, opening, statement.opening)
    for one in statement.movements:
        yield _row(one, language)
    yield _edge(month.ends, closing, statement.closing)


def _edge(moment: datetime, name: str, balance: int) -> Row:
    return (_time(moment), name, "", "", "", "", "", "", balance)


def _row(one: Movement, language: Language) -> Row:
    paid = one.payment
    return (
        _time(one.at),
        say(language, KINDS[one.kind]),
        one.title if one.count == 1 else f"{one.count} {one.title}".strip(),
        "" if paid is None else paid.reference,
        "" if paid is None else paid.provider_reference or "",
        "" if paid is None else money(paid),
        "" if paid is None else paid.currency,
        one.tokens,
        one.balance,
    )


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(HARARE):%Y-%m-%d %H:%M:%S}"


def _harmless(cell: str | int) -> str | int:
    """Text that begins like a formula is made text again; numbers are numbers."""
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return cell
