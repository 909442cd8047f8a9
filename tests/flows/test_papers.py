"""The documents of a messenger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from tests.fakes.results import result_of
from tests.flows.test_exporting import Press, Shelf, written
from tests.flows.test_stating import Ledger
from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import State
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue.papers import MONTH, PAPER, PDF, WORD
from zimgpt.domain.errors import NotFound
from zimgpt.domain.papers.files import Format
from zimgpt.domain.texts import Language
from zimgpt.flows.exporting import Exporting
from zimgpt.flows.papers import NotMade, Papers
from zimgpt.flows.ports.contacts import Contact, ContactId
from zimgpt.flows.ports.documents import DocumentFailed
from zimgpt.flows.stating import Stating
from zimgpt.wire.papers.orders import Order
from zimgpt.wire.whatsapp.people import Person

ID = "00000002-0000-4000-8000-000000000001"
NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
SOMEBODY = Contact(
    id=ContactId(1),
    person=Person(bsuid="ZW.1"),
    user=UserId(1),
    language="sn",
    dialogue={},
    greeted=True,
    opted_out=False,
    excused=False,
    web_untold=False,
    heard_at=NOW,
    heard_wamid=None,
    open_for=timedelta(hours=1),
    waiting_answer=None,
)


@attrs.define
class Shop(Shelf):
    """One answer, with an id as they are."""

    async def answer(self, user: UserId, answer: AnswerId) -> object:  # type: ignore[override]
        """Only that, and only to its asker."""
        if (user, answer) != (1, ID):
            raise NotFound
        return self.turns[0]

    async def delivered(self, answer: AnswerId) -> object:  # type: ignore[override]
        """That."""
        return await self.answer(UserId(1), answer)


class Weak(Press):
    """A press that cannot make anything difficult."""

    async def made(self, order: Order) -> bytes:
        """Only plain text."""
        self.orders.append(order)
        if order.format != Format.TEXT:
            raise DocumentFailed
        return b"plain"


def papers(press: Press | None = None, state: State = State.COMPLETE) -> Papers:
    """The flow over one answer and one wallet."""
    ledger = Ledger()
    shop = Shop((written(state=state),))
    return Papers(
        Exporting(shop, press or Press()),  # type: ignore[arg-type]
        Stating(ledger, press or ledger, lambda: NOW),
    )


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (f"{PAPER}{ID}", "Why does it rain.pdf"),
        (f"{WORD}{ID}", "Why does it rain.docx"),
        (f"{PDF}{ID}", "Why does it rain.pdf"),
        (MONTH, "ZimGPT 2026-11.pdf"),
        (f"{MONTH}2026-09", "ZimGPT 2026-09.pdf"),
    ],
)
def test_a_document_is_made_when_it_is_sent(content: str, name: str) -> None:
    """Under its own name."""
    assert result_of(papers().paper(SOMEBODY, content)).name == name


def test_it_speaks_the_language_of_its_reader() -> None:
    """The one in which they are written to."""
    press = Press()
    result_of(papers(press).paper(SOMEBODY, f"{PAPER}{ID}"))

    assert press.manuscript.language is Language.SHONA


@pytest.mark.parametrize(
    "content",
    [
        "",
        "answer",
        f"{PAPER}1",
        f"{WORD}x'; drop",
        f"{WORD}{ID}x",
        "other:1",
        f"{MONTH}x",
        f"{MONTH}2026-12",
        f"{MONTH}2026-13",
    ],
)
def test_what_is_no_document_is_not_found(content: str) -> None:
    """Whatever a button of somebody's own making says."""
    with pytest.raises(NotFound):
        result_of(papers().paper(SOMEBODY, content))


def test_a_button_gives_nobody_anothers_answer() -> None:
    """Its id may be typed by anybody."""
    other = attrs.evolve(SOMEBODY, user=UserId(2))
    for content in (f"{WORD}{ID}", f"{PDF}{ID}"):
        with pytest.raises(NotFound):
            result_of(papers().paper(other, content))
    with pytest.raises(NotFound):
        result_of(papers().paper(attrs.evolve(SOMEBODY, user=None), f"{WORD}{ID}"))


def test_what_was_paid_for_arrives_somehow() -> None:
    """An answer that cannot be set goes out as plain text; a copy of it is left."""
    file = result_of(papers(Weak()).paper(SOMEBODY, f"{PAPER}{ID}"))

    assert (file.name, file.content) == ("Why does it rain.txt", b"plain")


@pytest.mark.parametrize("content", [f"{WORD}{ID}", MONTH, f"{MONTH}2026-09"])
def test_what_was_asked_for_and_cannot_be_made_is_told_apart(content: str) -> None:
    """From what is not there: it may be asked for again."""
    with pytest.raises(NotMade):
        result_of(papers(Weak()).paper(SOMEBODY, content))


def test_an_answer_under_way_has_no_document() -> None:
    """Not yet."""
    with pytest.raises(NotFound):
        result_of(papers(state=State.STREAMING).paper(SOMEBODY, f"{WORD}{ID}"))
