"""What somebody wrote, heard in its order and dealt with once."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.logger import LogEvent

from tests.fakes.chat import ME, MemoryChat, Row
from tests.fakes.results import begun, result_of
from tests.fakes.talk import CHAT, Talk
from zimgpt.domain.accounts import Banned
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue.replies import Unreadable
from zimgpt.domain.errors import NotFound, Unavailable
from zimgpt.domain.heard import Chose, Said
from zimgpt.domain.ledger import InsufficientTokens
from zimgpt.domain.messages import Buttons, Choices, Text
from zimgpt.domain.questions import Kind, QuestionDiffers
from zimgpt.domain.texts import Language, say
from zimgpt.flows.ports import Ticket
from zimgpt.flows.ports.contacts import Step
from zimgpt.flows.talking import client_id, open_ended

VOICE: dict[str, Any] = {
    "id": "w9",
    "type": "audio",
    "audio": {"id": "5", "mime_type": "audio/ogg", "sha256": "", "voice": True},
}


@pytest.fixture
def talk() -> Talk:
    """Somebody who has been greeted."""
    talk = Talk()
    talk.chat.greeted = True
    return talk


def hear(talk: Talk) -> None:
    """All that waits is heard, which must need no more time."""
    assert result_of(talk.talking.work(ME)) is None


def test_a_command_is_obeyed_and_the_sending_lane_woken(talk: Talk) -> None:
    """One commit: it is done with, the dialogue stands, and the answer waits."""
    talk.chat.say("menu")

    hear(talk)

    [said] = talk.chat.waiting()
    assert isinstance(said, Choices)
    assert talk.chat.said[0].outcome == "done"
    assert talk.chat.dialogue["state"] == "menu"
    assert [ticket.job for ticket in talk.published] == ["send"]
    assert talk.phone.marks == [("w1", False)]
    assert talk.desk.asked == []


def test_whoever_writes_first_gets_an_account(talk: Talk) -> None:
    """Before anything is made of what they wrote."""
    talk.chat.say("menu")

    hear(talk)

    assert talk.chat.user == 1


def test_a_question_is_asked_under_an_id_of_its_message(talk: Talk) -> None:
    """So that it is found again, whatever breaks in between; the answer quotes it."""
    talk.chat.say("Why does it rain?")

    hear(talk)

    [question] = talk.desk.asked
    assert (question.client_id, question.kind) == (client_id("m:w1"), Kind.CHAT)
    assert question.text == "Why does it rain?"
    [row] = talk.chat.rows
    assert (row.answer, row.message, row.reply_to) == (talk.followed[0], None, "w1")
    assert talk.chat.dialogue["conversation"] == CHAT
    assert talk.phone.marks == [("w1", True)]


def test_words_are_waited_for_until_they_seem_to_be_all(talk: Talk) -> None:
    """Three short messages are one question and one price."""
    talk.chat.say("I wonder", waited=1.0)
    work = begun(talk.talking.work(ME))
    talk.chat.clock.advance(1.0)
    talk.chat.say("why it rains", waited=0.0)
    talk.chat.clock.advance(0.5)
    talk.chat.clock.advance(2.0)

    assert result_of(work) is None
    assert [one.text for one in talk.desk.asked] == ["I wonder\nwhy it rains"]
    assert {one.outcome for one in talk.chat.said} == {"done"}


def test_a_command_waits_for_nothing(talk: Talk) -> None:
    """It means what it says."""
    talk.chat.say("balance", waited=0.0)

    hear(talk)

    assert isinstance(talk.chat.waiting()[0], Buttons)


def test_a_question_waits_for_the_answer_under_way(talk: Talk) -> None:
    """A command does not; and the lane rests until it is woken."""
    talk.chat.rows.append(Row("r1", answer=AnswerId("a")))
    talk.chat.say("balance")
    talk.chat.say("Why?")

    hear(talk)

    assert [one.outcome for one in talk.chat.said] == ["done", None]
    assert talk.desk.asked == []


def test_what_came_a_day_late_is_left(talk: Talk) -> None:
    """It cannot be answered any more, and costs nothing; what came in time is heard."""
    talk.chat.say("Why?", ago=25 * 3600.0)
    talk.chat.say("menu")

    hear(talk)

    assert [(one.outcome, one.ref) for one in talk.chat.said] == [
        ("ignored", "too_late"),
        ("done", None),
    ]
    assert talk.desk.asked == []


def test_after_a_crash_the_shorter_question_is_found(talk: Talk) -> None:
    """There was less to hear when it was asked: that much is one turn, and the rest
    waits for its answer."""
    talk.desk.refusals = [QuestionDiffers()]
    talk.chat.say("One thing")
    talk.chat.say("and another")

    hear(talk)

    assert [one.text for one in talk.desk.asked] == [
        "One thing\nand another",
        "One thing",
    ]
    assert [one.outcome for one in talk.chat.said] == ["done", None]


def test_a_question_that_differs_by_itself_is_a_fault(talk: Talk) -> None:
    """Nothing shorter is left to try."""
    talk.desk.refusals = [QuestionDiffers()]
    talk.chat.say("One thing")

    with pytest.raises(QuestionDiffers):
        result_of(talk.talking.work(ME))
    assert talk.chat.said[0].outcome is None


def test_an_outage_leaves_everything_as_it_is(talk: Talk) -> None:
    """Whoever tries again hears the same once more."""
    talk.desk.refusals = [Unavailable()]
    talk.chat.say("Why?")

    with pytest.raises(Unavailable):
        result_of(talk.talking.work(ME))
    hear(talk)

    assert len({one.client_id for one in talk.desk.asked}) == 1
    assert talk.chat.said[0].outcome == "done"


@pytest.mark.parametrize("language", Language)
def test_a_refusal_is_said_in_their_language(talk: Talk, language: Language) -> None:
    """With the way on."""
    talk.chat.language = language
    talk.desk.refusals = [InsufficientTokens()]
    talk.chat.say("Why does it rain?")

    hear(talk)

    [said] = talk.chat.waiting()
    told = say(language, "refused.no_tokens", balance=100_000)
    assert told in getattr(said, "body", "")


def test_a_conversation_that_is_gone_is_begun_anew(talk: Talk) -> None:
    """It was deleted on the web; the question is asked all the same."""
    talk.chat.dialogue = {"v": 1, "state": "chatting", "conversation": "old"}
    talk.desk.refusals = [NotFound()]
    talk.chat.say("And then?")

    hear(talk)

    assert [one.conversation for one in talk.desk.asked] == ["old", None]
    assert talk.chat.dialogue["conversation"] == CHAT


def test_a_shorter_answer_is_announced(talk: Talk) -> None:
    """Before it comes, with the way to a longer one."""
    talk.desk.lowered = True
    talk.chat.say("Why does it rain?")

    hear(talk)

    assert talk.chat.waiting() == [
        Text(say(Language.ENGLISH, "answer.shorter", words=300))
    ]


def test_a_voice_note_is_read_and_asked(talk: Talk) -> None:
    """What it says is the question."""
    talk.chat.send(VOICE)

    hear(talk)

    assert [one.text for one in talk.desk.asked] == ["What is osmosis?"]
    assert [one.media for one in talk.ears.read] == ["5"]


def test_a_voice_note_that_cannot_be_read_is_told_kindly(talk: Talk) -> None:
    """And asks nothing."""
    talk.ears.words_ = Unreadable.UNHEARD
    talk.chat.send(VOICE)

    hear(talk)

    assert talk.chat.waiting() == [Text(say(Language.ENGLISH, "unreadable.unheard"))]
    assert talk.desk.asked == []


@pytest.mark.parametrize("language", Language)
def test_whoever_is_banned_is_told_so(talk: Talk, language: Language) -> None:
    """For a voice note as for a question; nothing is asked."""
    talk.chat.language = language
    talk.ears.refusal = Banned()
    talk.chat.send(VOICE)
    hear(talk)
    talk.desk.refusals = [Banned()]
    talk.chat.say("Why?")
    hear(talk)

    closed = Text(say(language, "refused.banned"))
    assert talk.chat.waiting() == [closed, closed]
    assert [one.outcome for one in talk.chat.said] == ["done", "done"]


def test_an_outage_while_a_file_is_read_is_for_whoever_tries_again(talk: Talk) -> None:
    """It is heard once more."""
    talk.ears.refusal = Unavailable()
    talk.chat.send(VOICE)

    with pytest.raises(Unavailable):
        result_of(talk.talking.work(ME))
    assert talk.chat.said[0].outcome is None


def test_a_mark_that_breaks_stops_nothing(talk: Talk, tidy: list[LogEvent]) -> None:
    """Two blue ticks are worth no answer."""
    talk.phone.unmarked = True
    talk.chat.say("menu")

    hear(talk)

    assert talk.chat.said[0].outcome == "done"
    assert len(tidy) == 1
    tidy.clear()


class Overtaken(MemoryChat):
    """Another node is quicker."""

    async def take(self, step: Step, origin: str) -> tuple[Ticket, ...] | None:
        """The same, taken before."""
        assert await super().take(step, origin) is not None
        return None


def test_a_step_that_another_has_taken_wakes_nobody() -> None:
    """Of two nodes that hear the same, one says something."""
    talk = Talk(chat=Overtaken())
    talk.chat.say("menu")

    hear(talk)

    assert talk.published == []


def test_which_words_others_may_follow() -> None:
    """A question may go on; a command, a number and a file are whole."""
    assert open_ended(Said("Why"))
    assert not open_ended(Said("menu"))
    assert not open_ended(Said("2"))
    assert not open_ended(Chose("z1:go:menu", "Menu"))
