"""One person's post: in order, once, and as fast as is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import attrs
import pytest
from twisted.logger import LogEvent, LogLevel, capturedLogs

from tests.fakes.chat import ME, MemoryChat, Row
from tests.fakes.results import begun, result_of
from tests.fakes.talk import Phone, Talk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue.acts import BeginTopUp
from zimgpt.domain.dialogue.facts import Offer
from zimgpt.domain.dialogue.papers import MONTH, PAPER, WORD
from zimgpt.domain.essays.briefs import Brief, Level, Step
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Buttons, Document, Text
from zimgpt.domain.papers.files import File
from zimgpt.domain.phones import Phone as Number
from zimgpt.domain.texts import Language, say
from zimgpt.domain.topups.networks import Method
from zimgpt.flows.papers import NoDocument, NotMade
from zimgpt.flows.ports.contacts import Contact
from zimgpt.flows.ports.messenger import SendTrouble, Unheard
from zimgpt.flows.ports.post import Finished
from zimgpt.flows.sending import PARKED, Sending
from zimgpt.wire.whatsapp.troubles import Trouble

ANSWER = AnswerId("0000000a-0000-4000-8000-000000000001")
FINISHED = Finished(
    answer=ANSWER,
    user=UserId(1),
    kind="chat",
    question="Why?",
    text="Because.",
    model="m",
    state="complete",
    finish="stop",
    cost=Tokens(40),
    read=Tokens(0),
    available=Tokens(960),
    asked_at=datetime(2026, 11, 25, 6, 30, tzinfo=UTC),
    late=timedelta(seconds=9),
)


@attrs.define
class Shelf:
    """``sending.Papers``: every document there is, unless something is wrong."""

    wrong: Exception | None = None

    async def paper(self, contact: Contact, content: str) -> File:  # noqa: ARG002
        """A file."""
        if self.wrong is not None:
            raise self.wrong
        return File("rain.pdf", b"%PDF")


@attrs.define
class Slow:
    """``sending.Pace``: what to wait, once each."""

    waits: list[float] = attrs.Factory(list)

    def take(self) -> float:
        """The next of them."""
        return self.waits.pop(0) if self.waits else 0.0


@attrs.define
class Desk:
    """A sending lane and what it works on."""

    talk: Talk = attrs.Factory(Talk)
    shelf: Shelf = attrs.Factory(Shelf)
    pace: Slow = attrs.Factory(Slow)
    labels: dict[str, str] = attrs.Factory(dict)
    numbers: Iterator[int] = attrs.Factory(count)

    def __attrs_post_init__(self) -> None:
        self.chat.user = UserId(1)
        self.chat.heard_at = self.chat.clock.seconds()

    @property
    def chat(self) -> MemoryChat:
        """What waits."""
        return self.talk.chat

    @property
    def phone(self) -> Phone:
        """What went."""
        return self.talk.phone

    @property
    def sending(self) -> Sending:
        """The flow."""
        return Sending(
            contacts=self.chat,
            post=self.chat,
            messenger=self.phone,  # type: ignore[arg-type]
            papers=self.shelf,
            describe=self.talk.describing.about,
            pace=self.pace,
            clock=self.chat.clock,
            new_id=lambda: f"part {next(self.numbers)}",
            labels=self.labels,
        )

    def put(self, *rows: Row) -> None:
        """Letters that wait."""
        self.chat.rows += rows

    def work(self) -> timedelta | None:
        """Until the lane rests, which must need no time; when it looks again."""
        return result_of(self.sending.work(ME))


@pytest.fixture
def desk() -> Desk:
    """Nothing waits yet."""
    return Desk()


def test_letters_go_in_their_order_once_each(desk: Desk) -> None:
    """Then the lane rests until it is woken."""
    desk.put(Row("1", Text("One"), reply_to="w1"), Row("2", Text("Two")))

    assert desk.work() is None
    assert desk.work() is None

    assert desk.phone.sent == [Text("One"), Text("Two")]
    assert desk.phone.replies == ["w1", None]
    assert [(row.state, row.wamid) for row in desk.chat.rows] == [
        ("sent", "wamid.1"),
        ("sent", "wamid.2"),
    ]


def test_an_answer_becomes_its_messages(desk: Desk) -> None:
    """With what it cost, quoting its question, once it has ended."""
    desk.put(Row("1", answer=ANSWER, reply_to="w1"))
    assert desk.work() is None
    assert desk.phone.sent == []

    desk.chat.endings[ANSWER] = FINISHED
    desk.work()

    [said] = desk.phone.sent
    assert isinstance(said, Text)
    assert said.body.startswith("Because.\n\n_Cost: 40")
    assert desk.phone.replies == ["w1"]
    assert desk.chat.row("1").state == "replaced"


def test_a_late_answer_says_which_question_it_is_to(desk: Desk) -> None:
    """In the person's own time; and who wrote it, where that must be said."""
    desk.labels["m"] = "a demo"
    desk.put(Row("1", answer=ANSWER))
    desk.chat.endings[ANSWER] = attrs.evolve(FINISHED, late=timedelta(hours=2))

    desk.work()

    [said] = desk.phone.sent
    assert getattr(said, "body", "").startswith("You asked at 08:30: “Why?”")
    assert "_[a demo]_" in getattr(said, "body", "")


def test_an_answer_that_ended_without_a_word_gave_up(desk: Desk) -> None:
    """It was free, and says so."""
    desk.put(Row("1", answer=ANSWER))
    desk.chat.endings[ANSWER] = attrs.evolve(
        FINISHED, text="", state="failed", finish=None, cost=Tokens(0)
    )

    desk.work()

    assert desk.phone.sent == [Text(say(Language.ENGLISH, "end.gave_up"))]


def test_an_outline_comes_with_its_rules(desk: Desk) -> None:
    """By its brief it is known for one."""
    brief = Brief(level=Level.GENERAL, words=500, step=Step.OUTLINE)
    desk.put(Row("1", answer=ANSWER))
    text = "## Introduction\n- x\n## Conclusion"
    desk.chat.endings[ANSWER] = attrs.evolve(
        FINISHED, kind="essay", text=text, brief=brief
    )

    desk.work()

    first, rules = desk.phone.sent
    assert getattr(first, "body", "").startswith("*1. Introduction*")
    assert isinstance(rules, Buttons)


# ---- payments


def paid(desk: Desk) -> str:
    """A payment of theirs that waits."""
    act = BeginTopUp(
        Offer("taste", Tokens(10_000), 50), Number("+263772345678"), Method.ECOCASH
    )
    about = result_of(desk.talk.describing.about(result_of(desk.chat.contact(ME))))
    result_of(desk.talk.paying.begin(UserId(1), "q1", act, about))
    kept = desk.talk.shop.store.row().kept
    desk.chat.payments[kept.id] = result_of(desk.talk.shop.store.read(kept.id))
    return kept.id


def test_news_of_a_payment_are_put_into_words_when_they_are_sent(desk: Desk) -> None:
    """As it stands then; of several only the last is told."""
    id = paid(desk)
    desk.put(Row("1", payment=id), Row("2", payment=id))

    desk.work()

    [said] = desk.phone.sent
    told = say(Language.ENGLISH, "pay.waiting.approve")
    assert getattr(said, "body", "").startswith(told)


def test_news_for_whom_no_account_is_known_are_dropped(desk: Desk) -> None:
    """There is nobody whose payment it would be."""
    id = paid(desk)
    desk.chat.user = None
    desk.put(Row("1", payment=id))

    assert desk.work() is None
    assert desk.phone.sent == []


# ---- what waits


def test_what_is_not_due_is_waited_for(desk: Desk) -> None:
    """Here, when it is soon; else the lane rests meanwhile."""
    desk.put(Row("1", Text("One"), due=2.0), Row("2", Text("Two"), due=500.0))
    work = begun(desk.sending.work(ME))
    assert desk.phone.sent == []

    desk.chat.clock.advance(2.0)

    assert desk.phone.sent == [Text("One")]
    assert result_of(work) == timedelta(seconds=498)


def test_our_number_has_its_own_pace(desk: Desk) -> None:
    """Messages of all people together."""
    desk.pace.waits = [0.5]
    desk.put(Row("1", Text("One")))
    work = begun(desk.sending.work(ME))
    assert desk.phone.sent == []

    desk.chat.clock.advance(0.5)

    assert result_of(work) is None
    assert desk.phone.sent == [Text("One")]


def test_after_a_day_letters_are_kept(desk: Desk) -> None:
    """The messenger would refuse them; they go with the next message of theirs."""
    desk.put(Row("1", Text("One")))
    desk.chat.clock.advance(25 * 3600)

    assert desk.work() is None

    assert desk.phone.sent == []
    assert desk.chat.row("1").state == "held"


@pytest.mark.parametrize(
    ("stopped", "looks"), [(True, PARKED), (False, timedelta(seconds=30))]
)
def test_while_all_sending_is_stopped_lanes_rest(
    desk: Desk, stopped: bool, looks: timedelta
) -> None:
    """For as long as is known, or to look now and then."""
    result_of(desk.chat.pause_number(None if stopped else looks, "x"))
    desk.put(Row("1", Text("One")))

    assert desk.work() == looks
    assert desk.phone.sent == []


def test_whoever_opted_out_gets_the_farewell_alone(desk: Desk) -> None:
    """Answers and news are kept until they are back."""
    desk.chat.opted_out = True
    desk.chat.endings[ANSWER] = FINISHED
    desk.put(Row("1", answer=ANSWER), Row("2", payment="p"), Row("3", Text("Bye")))

    desk.work()

    assert desk.phone.sent == [Text("Bye")]
    assert [row.state for row in desk.chat.rows] == ["waiting", "waiting", "sent"]


# ---- documents


def test_a_document_goes_out_under_its_own_name(desk: Desk) -> None:
    """It is made when it is sent."""
    desk.put(Row("1", Document(PAPER + ANSWER, "answer.pdf", "The whole")))

    desk.work()

    assert desk.phone.sent == [Document(PAPER + ANSWER, "rain.pdf", "The whole")]
    assert desk.phone.files == ["rain.pdf"]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("content", "wrong", "key"),
    [
        (WORD + ANSWER, NotMade(), "paper.failed"),
        (MONTH, NotMade(), "paper.failed"),
        (WORD + ANSWER, NoDocument(), "paper.gone"),
        (MONTH + "x", NoDocument(), "paper.gone"),
    ],
)
def test_a_file_that_does_not_come_is_told_of(
    language: Language, content: str, wrong: Exception, key: str
) -> None:
    """Whoever asked for it is not left waiting."""
    desk = Desk(shelf=Shelf(wrong))
    desk.chat.language = language
    desk.put(Row("1", Document(content, "x.pdf")))

    desk.work()

    assert desk.phone.sent == [Text(say(language, key))]
    assert desk.chat.row("1").state == "sent"


def test_an_answer_that_was_deleted_is_not_sent(desk: Desk) -> None:
    """Its asker did that; the others in the lane go on."""
    desk.shelf.wrong = NoDocument()
    desk.put(Row("1", Document(PAPER + ANSWER, "x.pdf")), Row("2", Text("Two")))

    desk.work()

    assert desk.phone.sent == [Text("Two")]
    assert desk.chat.row("1").state == "failed"


# ---- trouble


def refused(trouble: Trouble, code: int = 1, **more: Any) -> SendTrouble:  # noqa: ANN401
    """The messenger says no."""
    return SendTrouble(trouble, code, "no", **more)


def test_nobody_knows_whether_it_went(desk: Desk) -> None:
    """It is not sent again before there was time for its news."""
    desk.phone.trouble = [Unheard("nothing came")]
    desk.put(Row("1", Text("One")))

    looks = desk.work()

    assert looks == timedelta(seconds=60)
    assert desk.chat.row("1").state == "sending"
    assert desk.phone.sent == []


def test_what_may_go_later_is_tried_again(desk: Desk) -> None:
    """After ever longer waits, a few times, and is then given up."""
    desk.phone.trouble = [refused(Trouble.RETRY) for _ in range(5)]
    desk.put(Row("1", Text("One")))
    waits: list[float] = []
    work = begun(desk.sending.work(ME))
    while desk.chat.row("1").state == "waiting" and len(waits) < 9:
        waits.append(desk.chat.row("1").due - desk.chat.clock.seconds())
        desk.chat.clock.advance(waits[-1])
        if work.called:
            work = begun(desk.sending.work(ME))

    assert waits == [1.0, 2.0, 4.0, 8.0]
    assert desk.chat.row("1").state == "failed"


def test_all_sending_slows_down(desk: Desk) -> None:
    """For as long as the messenger asks."""
    desk.phone.trouble = [refused(Trouble.SLOW_DOWN, asked=45.0)]
    desk.put(Row("1", Text("One")))

    assert desk.work() == timedelta(seconds=45)
    assert desk.chat.reasons == ["1: no"]
    assert desk.chat.row("1").state == "waiting"


def test_one_person_is_slowed_down(desk: Desk) -> None:
    """Until something has gone again."""
    desk.phone.trouble = [refused(Trouble.SLOW_USER, asked=20.0)]
    desk.put(Row("1", Text("One")))

    assert desk.work() == timedelta(seconds=20)
    assert desk.chat.paused_until == 20.0
    desk.chat.clock.advance(20)
    assert desk.work() is None
    assert desk.chat.paused_until == 0.0
    assert desk.chat.reasons == []


def test_all_sending_stops_and_somebody_is_alarmed(desk: Desk) -> None:
    """Nothing is dropped meanwhile."""
    desk.phone.trouble = [refused(Trouble.STOP, 131031)]
    desk.put(Row("1", Text("One")))

    with capturedLogs() as events:
        assert desk.work() == PARKED

    assert [one for one in events if one["log_level"] is LogLevel.critical]
    assert desk.chat.number_stopped
    assert desk.chat.row("1").state == "waiting"


def test_a_day_may_end_before_we_know(desk: Desk) -> None:
    """Then the letter is kept, as one that was never tried."""
    desk.phone.trouble = [refused(Trouble.WINDOW_CLOSED)]
    desk.put(Row("1", Text("One")))

    assert desk.work() is None
    assert desk.chat.row("1").state == "held"


def test_what_can_never_be_delivered_is_given_back(
    desk: Desk, tidy: list[LogEvent]
) -> None:
    """Once for the answer, and it is written down."""
    desk.phone.trouble = [refused(Trouble.FINAL)]
    desk.chat.endings[ANSWER] = FINISHED
    desk.put(Row("1", answer=ANSWER))

    with capturedLogs() as events:
        desk.work()

    assert desk.chat.refunded == {ANSWER}
    assert desk.phone.sent == []
    warned = [one for one in events if one["log_level"] is LogLevel.warn]
    assert [one["tokens"] for one in warned] == [40]
    assert tidy == []
