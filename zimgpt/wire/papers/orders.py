"""What a child is told to make, and the making of it.

Libraries are loaded where they are used: the server itself writes orders and must not
carry what only the child needs.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from zimgpt.domain.papers.files import Format
from zimgpt.domain.papers.manuscripts import Manuscript, paper
from zimgpt.domain.papers.statements import statement_paper
from zimgpt.domain.papers.structure import Paper
from zimgpt.domain.statements import Statement
from zimgpt.domain.texts import Language


class Setting(msgspec.Struct, frozen=True, tag="setting"):
    """A manuscript, as this kind of file."""

    manuscript: Manuscript
    format: Format


class Stating(msgspec.Struct, frozen=True, tag="stating"):
    """A month of a wallet, as this kind of file."""

    statement: Statement
    format: Literal["csv", "pdf"]
    language: Language


Order = Setting | Stating

_DECODER: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)


def encode(order: Order) -> bytes:
    """An order as the child reads it."""
    return msgspec.json.encode(order)


def decode(order: bytes) -> Order:
    """What was encoded; raises msgspec.DecodeError."""
    return _DECODER.decode(order)


def made(order: Order) -> bytes:
    """The file."""
    if isinstance(order, Stating):
        if order.format == "csv":
            from zimgpt.wire.papers.sheet import sheet

            return sheet(order.statement, order.language)
        return _pdf(statement_paper(order.statement, order.language))
    manuscript = order.manuscript
    match order.format:
        case Format.MARKDOWN:
            from zimgpt.wire.papers.source import markdown

            return markdown(manuscript)
        case Format.TEXT:
            from zimgpt.wire.papers.plain import text

            return text(paper(manuscript))
        case Format.DOCX:
            from zimgpt.wire.papers.docx import docx

            return docx(paper(manuscript), manuscript.written_at)
        case Format.PDF:
            return _pdf(paper(manuscript))


def _pdf(made: Paper) -> bytes:
    from zimgpt.wire.papers.pdf import pdf

    return pdf(made)
