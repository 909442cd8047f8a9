"""Documents for tests, and what is in a file that was made of them."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from io import BytesIO
from xml.etree import ElementTree

from docx import Document
from pypdf import PdfReader

from zimgpt.domain.papers.manuscripts import Manuscript, Section, paper
from zimgpt.domain.papers.structure import Paper
from zimgpt.domain.texts import Language

NOON = datetime(2026, 11, 25, 10, tzinfo=UTC)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def manuscript(
    markdown: str, title: str = "Mitemo", language: Language = Language.ENGLISH
) -> Manuscript:
    """An essay."""
    section = Section(question="", text=markdown, asked_at=NOON)
    return Manuscript(title=title, language=language, sections=(section,))


def set_(markdown: str, title: str = "Mitemo") -> Paper:
    """The same as a document."""
    return paper(manuscript(markdown, title))


def words_of_pdf(made: bytes) -> str:
    """The words of a PDF, without the numbers of its pages."""
    pages = PdfReader(BytesIO(made)).pages
    return "\n".join(
        page.extract_text().removeprefix(f"{number}\n")
        for number, page in enumerate(pages, start=1)
    )


def part(made: bytes, name: str) -> ElementTree.Element:
    """A part of a Word file."""
    with zipfile.ZipFile(BytesIO(made)) as packed:
        return ElementTree.fromstring(packed.read(name))


def words_of_docx(made: bytes) -> str:
    """All words of a Word file, those of its footnotes at the end, read by a library
    that had no part in making it where it can."""
    Document(BytesIO(made))
    return "".join(
        one.text or "" if one.tag == f"{W}t" else "\n"
        for name in ("word/document.xml", "word/footnotes.xml")
        for one in part(made, name).iter()
        if one.tag in (f"{W}t", f"{W}br", f"{W}tab", f"{W}p")
    )
