"""What was written, as files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import attrs
import pytest

from tests.fakes.results import result_of
from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.essays.briefs import Level
from zimgpt.domain.papers.files import Format, NotWritten
from zimgpt.domain.papers.manuscripts import Manuscript, paper
from zimgpt.domain.questions import Kind
from zimgpt.domain.texts import Language, say
from zimgpt.flows.exporting import Exporting
from zimgpt.flows.ports.documents import Written
from zimgpt.wire.papers.orders import Order, Setting

NOON = datetime(2026, 11, 25, 10, tzinfo=UTC)
ME = UserId(1)
ANSWER = AnswerId("a")
CHAT = ConversationId("c")


def written(**changed: object) -> Written:
    """An answer that has ended."""
    whole = Written(
        kind=Kind.CHAT,
        question="Why does it rain?",
        text="Because.",
        state=State.COMPLETE,
        asked_at=NOON,
    )
    return attrs.evolve(whole, **changed)  # type: ignore[arg-type]


@attrs.define
class Shelf:
    """A conversation of these turns, of one person."""

    turns: Sequence[Written]

    async def answer(self, user: UserId, answer: AnswerId) -> Written:
        """The first turn."""
        if (user, answer) != (ME, ANSWER):
            raise NotFound
        return self.turns[0]

    async def delivered(self, answer: AnswerId) -> Written:
        """The same, whoever asks."""
        return await self.answer(ME, answer)

    async def conversation(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[str, tuple[Written, ...]]:
        """All of them."""
        if (user, conversation) != (ME, CHAT):
            raise NotFound
        return "Rain", tuple(self.turns)


@attrs.define
class Press:
    """Keeps what it is told to make."""

    orders: list[Order] = attrs.Factory(list)

    async def made(self, order: Order) -> bytes:
        """Something."""
        self.orders.append(order)
        return b"made"

    @property
    def manuscript(self) -> Manuscript:
        """What was last to be set."""
        order = self.orders[-1]
        assert isinstance(order, Setting)
        return order.manuscript


def export(*turns: Written) -> tuple[Exporting, Press]:
    """The flow, and its press."""
    press = Press()
    return Exporting(Shelf(turns), press), press


def test_an_answer_is_called_by_its_question() -> None:
    """Which is said again only where the title does not say all of it."""
    flow, press = export(written())
    file = result_of(flow.answer(ME, ANSWER, Format.DOCX, Language.SHONA))

    assert (file.name, file.content) == ("Why does it rain.docx", b"made")
    assert press.manuscript.language is Language.SHONA
    assert not press.manuscript.conversation


def test_an_essay_has_its_whole_topic_as_title() -> None:
    """Not what the model was told beside it, and not as a quotation."""
    topic = "Assess the causes of the First Chimurenga in Mashonaland and Matabeleland"
    essay = written(kind=Kind.ESSAY, question=f"{topic}\n\nWrite for A-Level.")
    flow, press = export(essay)
    file = result_of(flow.answer(ME, ANSWER, Format.PDF, Language.ENGLISH))

    assert file.name == f"{topic}.pdf"
    assert press.manuscript.sections[0].question == ""


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("language", Language)
def test_an_essay_says_whom_it_is_for(level: Level, language: Language) -> None:
    """As people call it, and with the words that were counted when it was written."""
    flow, press = export(written(kind=Kind.ESSAY, level=level, words=812))
    result_of(flow.answer(ME, ANSWER, Format.PDF, language))

    facts = dict(paper(press.manuscript).facts)
    assert "812" in facts.values()
    told = facts[say(language, "paper.level")]
    assert told.startswith("ZIMSEC ") == (level in (Level.ZIMSEC_O, Level.ZIMSEC_A))
    assert not told.startswith("essay.")


@pytest.mark.parametrize(
    "one",
    [
        written(state=State.STREAMING),
        written(state=State.QUEUED, text=""),
        written(state=State.FAILED, text=""),
        written(text=" \n"),
    ],
)
def test_what_is_not_written_is_no_file(one: Written) -> None:
    """Neither an answer under way nor one that came to nothing."""
    flow, press = export(one)
    for asked in (
        flow.answer(ME, ANSWER, Format.PDF, Language.ENGLISH),
        flow.conversation(ME, CHAT, Format.PDF, Language.ENGLISH),
        flow.delivered(ANSWER, Format.PDF, Language.ENGLISH),
    ):
        with pytest.raises(NotWritten):
            result_of(asked)
    assert press.orders == []


def test_a_conversation_leaves_out_what_is_under_way() -> None:
    """And says that it does; an answer that ended early says so too."""
    flow, press = export(
        written(),
        written(state=State.INTERRUPTED),
        written(state=State.FAILED, text=""),
        written(state=State.STREAMING, text="Bec"),
    )
    file = result_of(flow.conversation(ME, CHAT, Format.TEXT, Language.ENGLISH))

    manuscript = press.manuscript
    assert file.name == "Rain.txt"
    assert manuscript.conversation
    assert [one.cut for one in manuscript.sections] == [False, True]
    assert manuscript.unfinished == 1


def test_what_is_not_theirs_is_not_found() -> None:
    """Whatever it is."""
    flow, _ = export(written())
    with pytest.raises(NotFound):
        result_of(flow.answer(UserId(2), ANSWER, Format.PDF, Language.ENGLISH))
    with pytest.raises(NotFound):
        result_of(flow.conversation(UserId(2), CHAT, Format.PDF, Language.ENGLISH))
