"""The words of a file, found without a child."""

from __future__ import annotations

from zipfile import BadZipFile

import pytest

from tests.outbound.papers import PDF, word
from zimgpt.outbound.document_text import LONGEST, UnknownKind, words


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (PDF, "1\nMitemo\nMhoro shamwari."),
        (word("Mhoro", "Zvakanaka é"), "Mhoro\nZvakanaka é\nMaize | 3 t"),
        ("\ufeffMhoro".encode(), "Mhoro"),
        ("Mhoro".encode("utf-16"), "Mhoro"),
        ("naïve “x”".encode("cp1252"), "naïve “x”"),
        (b"a\x07b\r\nc\td", "ab\nc\td"),
        (b" \n ", ""),
        (b"x" * (2 * LONGEST), "x" * LONGEST),
    ],
)
def test_words_of_each_kind(content: bytes, text: str) -> None:
    """PDF, Word and text in any usual encoding, and not too many of them."""
    assert words(content) == text


def test_a_broken_archive() -> None:
    """It has no words."""
    with pytest.raises(BadZipFile):
        words(b"PK\x03\x04 and then nothing")


def test_a_file_of_no_known_kind() -> None:
    """Bytes that are no text are not taken for one."""
    with pytest.raises(UnknownKind):
        words(b"\x00\x01\x02")
