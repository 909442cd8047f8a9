"""The words of a PDF, Word or text file, in a process of its own.

``python -m zimgpt.outbound.document_text`` reads a file from its standard input and
writes words to its standard output. Files come from strangers, so it first takes from
itself what it does not need: memory, time, files. It imports nothing of the server.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Final

from zimgpt.outbound.children.limits import limit

MOST_BYTES: Final = 5 * 1024 * 1024
LONGEST: Final = 20_000
"""Characters of the words that are given back."""

CPU: Final = 8
PAGES: Final = 500
UNPACKED: Final = 40 * 1024 * 1024
"""Bytes that the parts of a Word file may have in all."""
PARTS: Final = 2_000

UNKNOWN: Final = 3
"""Exit status: this is no kind of file that has words for us."""
BROKEN: Final = 4
"""Exit status: it cannot be read."""


class UnknownKind(Exception):  # noqa: N818 - named for what it is
    """Neither PDF nor Word nor text."""


def words(content: bytes) -> str:
    """The text of a file; raises UnknownKind, or anything for a broken one."""
    if b"%PDF-" in content[:1024]:
        parts = _of_pdf(content)
    elif content[:4] == b"PK\x03\x04":
        parts = _of_word(content)
    else:
        parts = iter((_plain(content),))
    return _gathered(parts)


def _of_pdf(content: bytes) -> Iterator[str]:
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnknownKind
    for number, page in enumerate(reader.pages):
        if number == PAGES:
            return
        yield page.extract_text()


def _of_word(content: bytes) -> Iterator[str]:
    from docx import Document
    from docx.text.paragraph import Paragraph

    with zipfile.ZipFile(BytesIO(content)) as packed:
        parts = packed.infolist()
    if "word/document.xml" not in {part.filename for part in parts}:
        raise UnknownKind
    # What a part is said to have is what at most is unpacked of it.
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise UnknownKind
    for block in Document(BytesIO(content)).iter_inner_content():
        if isinstance(block, Paragraph):
            yield block.text
        else:
            for row in block.rows:
                yield " | ".join(cell.text for cell in row.cells)


def _plain(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if b"\x00" in content:
        raise UnknownKind
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _gathered(parts: Iterable[str]) -> str:
    """As much as is wanted, without what cannot be shown or stored."""
    lines: list[str] = []
    length = 0
    for part in parts:
        sound = part.encode("utf-8", "replace").decode()
        line = "".join(c for c in sound if c.isprintable() or c in "\n\t").strip()
        if line:
            lines.append(line)
            length += len(line) + 1
        if length > LONGEST:
            break
    return "\n".join(lines)[:LONGEST]


def main() -> int:
    """Reads, writes, and says by its status what came of it."""
    limit(cpu=CPU)
    content = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        return BROKEN
    try:
        found = words(content)
    except UnknownKind:
        return UNKNOWN
    except Exception:  # whatever a strange file makes a library do
        return BROKEN
    sys.stdout.buffer.write(found.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
