"""Answers as their owners read them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.store.clerk import Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.questions import Kind
from zimgpt.flows.ports import End, Piece, Progress, Reading
from zimgpt.store.answers import PgAnswers
from zimgpt.store.pool import Pool

AT_ONCE = timedelta(0)


@pytest.fixture
def answers(pool: Pool) -> PgAnswers:
    """The port."""
    return PgAnswers(pool)


@pytest.fixture
def user(clerk: Clerk) -> UserId:
    """Somebody with 500 tokens."""
    return UserId(clerk.person(500))


async def test_an_answer_that_waits(
    answers: PgAnswers, clerk: Clerk, user: UserId
) -> None:
    """There is the question, and nothing yet."""
    asked = clerk.ask(user, kind="essay")

    reading = await answers.read(user, AnswerId(asked.answer), 0, 0)

    assert reading == Reading(
        answer=AnswerId(asked.answer),
        conversation=ConversationId(asked.conversation),
        kind=Kind.ESSAY,
        question="Why?",
        epoch=0,
        last_seq=0,
        state=State.QUEUED,
        writer="",
        pieces=(),
        end=None,
    )


async def test_an_answer_being_written(
    answers: PgAnswers, clerk: Clerk, user: UserId
) -> None:
    """Its writer is named; the pieces are those after the reader's."""
    asked = clerk.ask(user)
    answer = AnswerId(asked.answer)
    clerk.claim(asked.job, "writer")
    for seq in (1, 2, 3):
        clerk.append(answer, 1, seq, str(seq))

    readings = [await answers.read(user, answer, 1, seq) for seq in (0, 2, 3, 9)]

    assert [one.pieces for one in readings] == [
        (Piece(answer, 1, 1, "1"), Piece(answer, 1, 2, "2"), Piece(answer, 1, 3, "3")),
        (Piece(answer, 1, 3, "3"),),
        (),
        (),
    ]
    assert {(one.writer, one.last_seq, one.state) for one in readings} == {
        ("writer", 3, State.STREAMING)
    }


@pytest.mark.parametrize("epoch", [0, 1, 3])
async def test_another_epoch_is_read_from_its_start(
    answers: PgAnswers, clerk: Clerk, user: UserId, epoch: int
) -> None:
    """What a reader has of another attempt counts for nothing; old text is hidden."""
    asked = clerk.ask(user)
    answer = AnswerId(asked.answer)
    clerk.claim(asked.job, lease=AT_ONCE)
    clerk.append(answer, 1, 1, "old")
    clerk.claim(asked.job)
    clerk.append(answer, 2, 1, "new")

    reading = await answers.read(user, answer, epoch, 1)

    assert (reading.epoch, reading.pieces) == (2, (Piece(answer, 2, 1, "new"),))


async def test_an_answer_that_ended(
    answers: PgAnswers, clerk: Clerk, user: UserId
) -> None:
    """How, at what cost, and what is left."""
    asked = clerk.answered(user, cost=40)

    reading = await answers.read(user, AnswerId(asked.answer), 1, 1)

    assert [piece.text for piece in reading.pieces] == ["cause."]
    assert reading.end == End(
        answer=AnswerId(asked.answer),
        epoch=1,
        last_seq=2,
        state=State.COMPLETE,
        finish=Finish.STOP,
        cost=Tokens(40),
        hold=Tokens(100),
        available=Tokens(460),
    )


async def test_texts_come_back_as_they_were_written(
    answers: PgAnswers, clerk: Clerk, user: UserId
) -> None:
    """Quotes, backslashes, line ends, every plane of Unicode."""
    asked = clerk.ask(user)
    answer = AnswerId(asked.answer)
    clerk.claim(asked.job)
    text = "\"a\\b'\r\n\t{},%s \u2028 ŋ 𝄞 \U0010ffff \x01 null NULL"
    clerk.append(answer, 1, 1, text)

    reading = await answers.read(user, answer, 0, 0)

    assert [piece.text for piece in reading.pieces] == [text]


async def test_nobody_reads_anothers(
    answers: PgAnswers, clerk: Clerk, user: UserId
) -> None:
    """Another's, a deleted one and one that is not are all not found."""
    theirs = clerk.ask(clerk.person(500)).answer
    gone = clerk.ask(user)
    clerk.rows(
        "update conversations set deleted_at = now() where id = %s", gone.conversation
    )

    for answer in (theirs, gone.answer, str(uuid4())):
        with pytest.raises(NotFound):
            await answers.read(user, AnswerId(answer), 0, 0)


async def test_progress(answers: PgAnswers, clerk: Clerk, user: UserId) -> None:
    """Of each that exists: epoch, last piece, whether it ended, who writes."""
    ended = clerk.answered(user)
    written, waiting = clerk.ask(user), clerk.ask(user)
    clerk.claim(written.job, "writer")
    clerk.append(written.answer, 1, 1)
    asked = [ended.answer, written.answer, waiting.answer, str(uuid4())]

    progress = await answers.progress([AnswerId(answer) for answer in asked])

    assert set(progress) == {
        Progress(AnswerId(ended.answer), 1, 2, True, ""),
        Progress(AnswerId(written.answer), 1, 1, False, "writer"),
        Progress(AnswerId(waiting.answer), 0, 0, False, ""),
    }
    assert await answers.progress([]) == ()
