"""Documents as people send them, and as they should not."""

from __future__ import annotations

import zipfile
from io import BytesIO

from docx import Document

from zimgpt.domain.papers.structure import Paper, Paragraph, Run
from zimgpt.domain.texts import Language
from zimgpt.wire.papers.pdf import pdf

PDF = pdf(
    Paper(
        title="Mitemo",
        language=Language.SHONA,
        blocks=(Paragraph((Run("Mhoro shamwari."),)),),
    )
)


def word(*paragraphs: str) -> bytes:
    """A Word file of these paragraphs and a table."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    row = document.add_table(1, 2).rows[0]
    row.cells[0].text, row.cells[1].text = "Maize", "3 t"
    into = BytesIO()
    document.save(into)
    return into.getvalue()


def bomb(megabytes: int) -> bytes:
    """A Word file whose one text unpacks to so much."""
    into = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(word("x"))) as good,
        zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for part in good.infolist():
            content = good.read(part)
            if part.filename == "word/document.xml":
                content = content.replace(
                    b">x<", b">" + b"x" * (megabytes << 20) + b"<"
                )
            bad.writestr(part.filename, content)
    return into.getvalue()


def laughs() -> bytes:
    """A Word file whose text is an entity of entities of entities."""
    into = BytesIO()
    declared = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12)
    )
    with (
        zipfile.ZipFile(BytesIO(word("x"))) as good,
        zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for part in good.infolist():
            content = good.read(part)
            if part.filename == "word/document.xml":
                content = content.split(b"?>", 1)[1].replace(b">x<", b">&l11;<")
                content = f"<!DOCTYPE d [{declared}]>".encode() + content
            bad.writestr(part.filename, content)
    return into.getvalue()
