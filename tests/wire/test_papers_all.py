"""Nothing of a text is lost in any kind of file."""

from __future__ import annotations

import unicodedata

import pytest

from tests.wire.fifty import FIFTY, Text, missing
from tests.wire.papers import NOON, manuscript, set_, words_of_docx, words_of_pdf
from zimgpt.wire.papers.docx import docx
from zimgpt.wire.papers.pdf import pdf
from zimgpt.wire.papers.plain import text
from zimgpt.wire.papers.source import markdown

each = pytest.mark.parametrize("one", FIFTY, ids=[one.name for one in FIFTY])


def pictures(words: str) -> set[str]:
    """Signs that are neither letters nor marks of Markdown."""
    return {sign for sign in words if unicodedata.category(sign) == "So"}


def test_there_are_fifty() -> None:
    """Each under a name of its own."""
    assert len({one.name for one in FIFTY}) == 50


@each
def test_pdf_has_every_word(one: Text) -> None:
    """Also where words are longer than lines and cells higher than pages."""
    assert [*missing(one, words_of_pdf(pdf(set_(one.markdown))))] == []


@each
def test_word_has_every_word(one: Text) -> None:
    """And every picture, for the reader's own fonts have them."""
    found = words_of_docx(docx(set_(one.markdown), NOON))

    assert [*missing(one, found)] == []
    assert pictures(one.markdown) <= pictures(found)


@each
def test_plain_text_has_every_word(one: Text) -> None:
    """And every picture."""
    found = text(set_(one.markdown)).decode()

    assert [*missing(one, found)] == []
    assert pictures(one.markdown) <= pictures(found)


@each
def test_markdown_is_as_it_was_written(one: Text) -> None:
    """To the letter."""
    assert one.markdown.strip("\n") in markdown(manuscript(one.markdown)).decode()
