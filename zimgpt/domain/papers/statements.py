"""A month of a wallet as a document."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from zimgpt.domain.papers.structure import (
    Align,
    Block,
    Heading,
    Paper,
    Paragraph,
    Run,
    Runs,
    Table,
)
from zimgpt.domain.statements import HARARE, Movement, MovementKind, Payment, Statement
from zimgpt.domain.texts import Language, count, say

KINDS: Final = {
    MovementKind.PURCHASE: "statement.bought",
    MovementKind.WELCOME: "statement.welcome",
    MovementKind.GRANT: "statement.grant",
    MovementKind.VOUCHER: "statement.voucher",
    MovementKind.REFUND: "statement.back",
    MovementKind.CLAWBACK: "statement.clawback",
    MovementKind.CHAT: "statement.chat",
    MovementKind.ESSAY: "statement.essay",
    MovementKind.VOICE: "statement.voice",
    MovementKind.PICTURE: "statement.picture",
    MovementKind.OTHER: "statement.other",
}
"""The text that names each kind."""

COLUMNS: Final = (
    "statement.date",
    "statement.kind",
    "statement.details",
    "statement.tokens",
    "statement.balance",
)

_SIDES: Final = (Align.LEFT, Align.LEFT, Align.LEFT, Align.RIGHT, Align.RIGHT)


def month_name(statement: Statement, language: Language) -> str:
    """As it is written in that language: ``November 2026``."""
    months = say(language, "paper.months").split()
    return f"{months[statement.month.number - 1]} {statement.month.year}"


def statement_paper(statement: Statement, language: Language) -> Paper:
    """Opening, sums, every movement, closing."""
    month = month_name(statement, language)
    return Paper(
        title=say(language, "statement.month", month=month),
        language=language,
        facts=(
            (say(language, "statement.opening"), count(statement.opening)),
            (say(language, "statement.closing"), count(statement.closing)),
        ),
        remarks=(say(language, "statement.units"),),
        blocks=tuple(_blocks(statement, language)),
    )


def _blocks(statement: Statement, language: Language) -> list[Block]:
    if not statement.movements:
        return [Paragraph((Run(say(language, "statement.empty")),))]
    return [
        _totals(statement, language),
        Heading(2, (Run(say(language, "statement.movements")),)),
        _movements(statement, language),
    ]


def _totals(statement: Statement, language: Language) -> Table:
    head = (
        _runs(""),
        _runs(say(language, "statement.number")),
        _runs(say(language, "statement.tokens")),
    )
    rows = (
        (
            _runs(say(language, KINDS[one.kind])),
            _runs(count(one.count)),
            _runs(signed(one.tokens)),
        )
        for one in statement.totals
    )
    return Table((head, *rows), (Align.LEFT, Align.RIGHT, Align.RIGHT))


def _movements(statement: Statement, language: Language) -> Table:
    head = tuple(_runs(say(language, key)) for key in COLUMNS)
    rows = [
        (
            _runs(_moment(one.at)),
            _runs(say(language, KINDS[one.kind])),
            _runs(details(one)),
            _runs(signed(one.tokens)),
            _runs(count(one.balance)),
        )
        for one in statement.movements
    ]
    opening = (
        _runs(_moment(statement.month.begins)),
        _runs(say(language, "statement.opening")),
        _runs(""),
        _runs(""),
        _runs(count(statement.opening)),
    )
    return Table((head, opening, *rows), _SIDES)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(HARARE):%d.%m. %H:%M}"


def details(one: Movement) -> str:
    """What a movement was for, on one line."""
    parts = [one.title] if one.title else []
    if one.count > 1:
        parts.append(f"{count(one.count)}")
    if one.payment is not None:
        parts.append(paid(one.payment))
    return ", ".join(parts)


def paid(payment: Payment) -> str:
    """A payment with both of its references."""
    known = (payment.reference, payment.provider_reference)
    references = " / ".join(one for one in known if one)
    return f"{payment.currency} {money(payment)} ({references})"


def money(payment: Payment) -> str:
    """The amount with two decimals."""
    return f"{payment.amount_minor // 100}.{payment.amount_minor % 100:02}"


def signed(tokens: int) -> str:
    """With its sign, so that nothing has to be guessed; a true minus is seen."""
    return f"+{count(tokens)}" if tokens >= 0 else f"−{count(-tokens)}"  # noqa: RUF001


def _runs(text: str) -> Runs:
    return (Run(text),) if text else ()
