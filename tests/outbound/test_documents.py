"""Reading documents: their words, and nothing that they do to us."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from io import BytesIO

import pytest
from twisted.internet.defer import Deferred, gatherResults

from tests.outbound.papers import PDF, bomb, laughs, word
from zimgpt.domain.dialogue.replies import Unreadable
from zimgpt.outbound.document_text import LONGEST, MOST_BYTES, UnknownKind, words
from zimgpt.outbound.documents import Documents

LIMITS = "from zimgpt.outbound.children.limits import limit; limit(cpu=8); "


def documents(*program: str, seconds: float = 10.0) -> Documents:
    """As a node has it, or with another program instead of ours."""
    from twisted.internet import reactor

    if program:
        return Documents(reactor, seconds, program)
    return Documents(reactor, seconds)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (PDF, "1\nMitemo\nMhoro shamwari."),
        (word("Mhoro", "Zvakanaka é"), "Mhoro\nZvakanaka é\nMaize | 3 t"),
        ("Mhoro, é".encode(), "Mhoro, é"),
        ("\ufeffMhoro".encode(), "Mhoro"),
        ("Mhoro".encode("utf-16"), "Mhoro"),
        ("naïve “x”".encode("cp1252"), "naïve “x”"),
        (b"a\x07b\r\nc\td", "ab\nc\td"),
        (b" \n ", Unreadable.EMPTY),
        (b"", Unreadable.EMPTY),
        (b"\x00\x01\x02", Unreadable.NO_DOCUMENT),
        (b"%PDF-1.7 and then nothing", Unreadable.NO_DOCUMENT),
        (b"PK\x03\x04 and then nothing", Unreadable.NO_DOCUMENT),
        (b"x" * (MOST_BYTES + 1), Unreadable.TOO_LARGE),
    ],
)
async def test_words_of_a_file(content: bytes, text: str | Unreadable) -> None:
    """Of each kind that people send, and why there are none of others."""
    assert await documents().text(content) == text


async def test_so_many_words_and_no_more() -> None:
    """What is longer would cost more than anybody means to pay."""
    text = await documents().text(b"Mhoro shamwari. " * 100_000)

    assert len(text) == LONGEST - 1  # a space at its end is gone


@pytest.mark.parametrize(
    "content",
    [bomb(100), laughs()],
    ids=["bomb", "laughs"],
)
async def test_a_bomb_does_not_go_off(content: bytes) -> None:
    """What is small and would become large is no document for us."""
    assert len(content) < 1_000_000
    assert await documents().text(content) is Unreadable.NO_DOCUMENT


def test_a_large_archive_is_not_unpacked() -> None:
    """It is refused by what it says of itself."""
    with pytest.raises(UnknownKind):
        words(bomb(50))


def test_an_archive_of_something_else_is_no_document() -> None:
    """A spreadsheet, say."""
    into = BytesIO()
    with zipfile.ZipFile(into, "w") as packed:
        packed.writestr("xl/workbook.xml", "<x/>")

    with pytest.raises(UnknownKind):
        words(into.getvalue())


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(60)",
        "while True: pass",
        "while True: print('x' * 65536)",
        "import sys; sys.stdin.close(); import time; time.sleep(60)",
    ],
)
async def test_a_child_that_does_not_end_is_ended(program: str) -> None:
    """After its time, or when it says too much; the person is told."""
    text = await documents("-c", program, seconds=0.7).text(PDF)

    assert text is Unreadable.NO_DOCUMENT


@pytest.mark.parametrize(
    "program",
    [
        "x = bytearray(900 << 20)",
        "import os, tempfile; os.write(tempfile.TemporaryFile().fileno(), b'x')",
        "[open('/dev/null') for _ in range(64)]",
    ],
)
async def test_a_child_has_no_more_than_it_needs(program: str) -> None:
    """Neither memory nor files."""
    assert await documents("-c", LIMITS + program).text(b"") is Unreadable.NO_DOCUMENT


async def test_a_child_knows_nothing_of_us() -> None:
    """No secret of ours is in its environment, and it is in nobody's folder."""
    program = "import os; print(sorted(os.environ), os.getcwd(), end='')"

    text = await documents("-c", LIMITS + program).text(b"")

    assert "PYTHONPATH" in text
    assert "ZIMGPT" not in text
    assert text.endswith(" /")


async def test_a_few_at_once() -> None:
    """Others wait for their turn, and all are read."""
    reader = documents()
    reading = [Deferred.fromCoroutine(reader.text(b"Mhoro")) for _ in range(6)]

    assert await gatherResults(reading) == ["Mhoro"] * 6


def test_the_program_imports_nothing_of_the_server() -> None:
    """It starts in a moment, and a stranger's file meets little code."""
    seen = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, zimgpt.outbound.document_text;"
            "print([m for m in sys.modules if m.partition('.')[0] in"
            " ('twisted', 'psycopg2', 'treq', 'klein')])",
        ],
        capture_output=True,
        check=True,
        text=True,
    )

    assert seen.stdout == "[]\n"
