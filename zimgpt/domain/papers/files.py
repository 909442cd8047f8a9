"""Kinds of files, and what a file is called."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final

import attrs

from zimgpt.domain.errors import Refusal

LONGEST_NAME: Final = 80
"""Characters of a name before its dot: phones and old file systems cut longer ones."""

_UNFIT = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class Format(StrEnum):
    """A kind of file that a text is kept in; the value is its ending."""

    PDF = "pdf"
    DOCX = "docx"
    MARKDOWN = "md"
    TEXT = "txt"


MEDIA: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md": "text/markdown",
    "txt": "text/plain",
    "csv": "text/csv",
}
"""Media types by ending, as IANA has them."""


class NotWritten(Refusal):
    """There is no finished text to keep yet. Please try again when the answer is complete."""  # noqa: E501

    code = "not_written"


@attrs.frozen
class File:
    """A file as it is given to a person: its whole name, and its bytes."""

    name: str
    content: bytes

    @property
    def ending(self) -> str:
        """What comes after the last dot."""
        return self.name.rpartition(".")[2]


def file_name(title: str, ending: str) -> str:
    """A name that every system takes, made of a title: ``Great Zimbabwe.docx``."""
    sound = "".join(
        sign
        for sign in unicodedata.normalize("NFC", title)
        if unicodedata.category(sign) not in ("Cf", "Cs", "Co", "Cn")
    )
    words = " ".join(_UNFIT.sub(" ", sound).split())
    name = words[:LONGEST_NAME].strip(" .…")
    if not name or _RESERVED.fullmatch(name):
        name = f"ZimGPT {name}".strip()
    return f"{name}.{ending}"
