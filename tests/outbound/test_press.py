"""Documents made by a child, and nothing that they do to us."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader
from twisted.internet.defer import Deferred, gatherResults

from tests.wire.papers import words_of_docx
from zimgpt.domain.papers.files import Format
from zimgpt.domain.papers.manuscripts import Manuscript, Section
from zimgpt.domain.statements import Month, Movement, MovementKind, stated
from zimgpt.domain.texts import Language
from zimgpt.flows.ports.documents import DocumentFailed, DocumentsBusy
from zimgpt.outbound.press import Press
from zimgpt.wire.papers.orders import Setting, Stating

NOON = datetime(2026, 11, 25, 10, tzinfo=UTC)
LIMITS = "from zimgpt.outbound.children.limits import limit; limit(cpu=1); "


def press(*program: str, seconds: float = 60.0) -> Press:
    """As a node has it, or with another program instead of ours."""
    from twisted.internet import reactor

    if program:
        return Press(reactor, seconds, program)
    return Press(reactor, seconds)


def setting(kind: Format) -> Setting:
    """A short essay."""
    section = Section(question="", text="Mhoro **shamwari**.", asked_at=NOON)
    manuscript = Manuscript(
        title="Mitemo", language=Language.SHONA, sections=(section,)
    )
    return Setting(manuscript, kind)


def pdf_words(content: bytes) -> str:
    """What is on its first page."""
    return PdfReader(BytesIO(content)).pages[0].extract_text()


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        (Format.PDF, pdf_words),
        (Format.DOCX, words_of_docx),
        (Format.MARKDOWN, bytes.decode),
        (Format.TEXT, bytes.decode),
    ],
)
async def test_every_kind_of_file(kind: Format, read: Callable[[bytes], str]) -> None:
    """With the words in it, and labels in the language that was asked for."""
    words = read(await press().made(setting(kind))).replace("*", "")

    assert "Mhoro shamwari." in words
    assert "Mazwi: 2" in words


async def test_statements() -> None:
    """As PDF and as CSV."""
    movement = Movement(at=NOON, kind=MovementKind.CHAT, tokens=-7, title="=1+1")
    statement = stated(Month(2026, 11), 100, [movement])
    sheet = await press().made(Stating(statement, "csv", Language.ENGLISH))
    pdf = await press().made(Stating(statement, "pdf", Language.NDEBELE))

    assert sheet.decode("utf-8-sig").split("\r\n") == [
        "time,kind,details,reference,provider_reference,amount,currency,tokens,balance",
        "2026-11-01 00:00:00,Opening balance,,,,,,,100",
        "2026-11-25 12:00:00,Question,'=1+1,,,,,-7,93",
        "2026-12-01 00:00:00,Closing balance,,,,,,,93",
        "",
    ]
    text = PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert "Isitatimende, Lwezi 2026" in text
    assert "25.11. 12:00" in text


@pytest.mark.parametrize(
    "program",
    [
        "while True: pass",
        "x = b'a' * 2**31",
        "import os; os.write(os.memfd_create('never'), b'x')",
        "import sys; sys.exit(4)",
        "pass",
        "import os; os.kill(os.getpid(), 9)",
    ],
)
async def test_a_child_that_goes_wrong_is_one_document_less(program: str) -> None:
    """It has an end in time, memory and files; the person is told what to do."""
    with pytest.raises(DocumentFailed):
        await press("-c", LIMITS + program).made(setting(Format.PDF))


async def test_a_child_that_hangs_is_ended() -> None:
    """Also when it does no work that could be counted."""
    with pytest.raises(DocumentFailed):
        await press("-c", "import time; time.sleep(60)", seconds=0.2).made(
            setting(Format.PDF)
        )


async def test_a_crowd_is_sent_away() -> None:
    """Two are made at once and twenty wait; whoever comes then is told to come back."""
    hanging = press("-c", "import time; time.sleep(60)", seconds=0.5)
    waiting = [
        Deferred.fromCoroutine(hanging.made(setting(Format.PDF))) for _ in range(22)
    ]
    with pytest.raises(DocumentsBusy):
        await hanging.made(setting(Format.PDF))

    for one in reversed(waiting):  # so that nobody gets a turn that becomes free
        one.addErrback(lambda _: None)
        one.cancel()
    await gatherResults(waiting)


def test_the_child_carries_nothing_of_the_server() -> None:
    """It begins quickly, and has no secrets and no sockets."""
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, zimgpt.outbound.press_child, zimgpt.wire.papers.orders;"
            "print([m for m in sys.modules if m.partition('.')[0] in"
            " ('twisted', 'psycopg2', 'klein', 'reportlab', 'pypdf')])",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert loaded.strip() == "[]"
