"""What is forgotten after a while, and what nobody notices of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.store.clerk import Asked, Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.ports import Folded, Reading
from zimgpt.store.answers import PgAnswers
from zimgpt.store.pool import Pool
from zimgpt.store.retention import PgRetention

DAY = timedelta(days=1)
AT_ONCE = timedelta(0)
PIECES = ["Nhasi ", "", "é", "🌍 pano", " ndizvo"]
ARRIVED = """
    insert into inbox (source, dedup_key, body, received_at, outcome, outcome_at)
    values ('paynow', %s, 'said', now() - %s * interval '1 day', %s,
            case when %s then now() end)
"""


@pytest.fixture
def retention(pool: Pool) -> PgRetention:
    """The port."""
    return PgRetention(pool)


@pytest.fixture
def answers(pool: Pool) -> PgAnswers:
    """What readers use."""
    return PgAnswers(pool)


@pytest.fixture
def user(clerk: Clerk) -> UserId:
    """Somebody with 5000 tokens."""
    return UserId(clerk.person(5_000))


def written(clerk: Clerk, user: UserId) -> Asked:
    """An answer of several pieces, by a second attempt."""
    asked = clerk.ask(user, client_id=None)
    clerk.claim(asked.job, "first")
    clerk.append(asked.answer, 1, 1, "lost")
    clerk.rows("select release_leases('first')")
    clerk.claim(asked.job)
    for seq, text in enumerate(PIECES[:-1], 1):
        clerk.append(asked.answer, 2, seq, text)
    clerk.finish(asked.answer, 2, cost=40, text=PIECES[-1])
    return asked


async def every_reading(
    answers: PgAnswers, user: UserId, answer: str
) -> dict[tuple[int, int], Reading]:
    """What each place that a reader may have leads to."""
    return {
        (epoch, seq): await answers.read(user, AnswerId(answer), epoch, seq)
        for epoch in range(4)
        for seq in range(len(PIECES) + 3)
    }


async def test_no_reader_notices_that_pieces_are_gone(
    retention: PgRetention, answers: PgAnswers, clerk: Clerk, user: UserId
) -> None:
    """From every place the rest is exactly what it was, character for character."""
    answer = written(clerk, user).answer
    before = await every_reading(answers, user, answer)

    assert await retention.fold_answers(AT_ONCE, 10) == Folded(1)

    assert clerk.rows("select from answer_chunks") == []
    assert await every_reading(answers, user, answer) == before


async def test_an_answer_without_a_word(
    retention: PgRetention, answers: PgAnswers, clerk: Clerk, user: UserId
) -> None:
    """There is nothing to drop, and that is noted, too."""
    asked = clerk.ask(user)
    clerk.claim(asked.job)
    clerk.finish(asked.answer, 1, cost=0)
    before = await every_reading(answers, user, asked.answer)

    assert await retention.fold_answers(AT_ONCE, 10) == Folded(1)
    assert await retention.fold_answers(AT_ONCE, 10) == Folded(0)

    assert await every_reading(answers, user, asked.answer) == before


async def test_pieces_are_kept_for_a_day(
    retention: PgRetention, clerk: Clerk, owner: Clerk, user: UserId
) -> None:
    """Counted from the answer's end, by the database's clock; the oldest go first."""
    for hours in (23, 25, 26):
        answer = clerk.answered(user, client_id=None).answer
        owner.rows(
            "update answers set finished_at = now() - %s where id = %s",
            timedelta(hours=hours),
            answer,
        )

    folded = [(await retention.fold_answers(DAY, 1)).count for _ in range(3)]

    assert folded == [1, 1, 0]
    assert clerk.value("select count(distinct answer_id) from answer_chunks") == 1
    assert clerk.value("select answer_id::text from answer_chunks limit 1") != answer


async def test_an_answer_being_written_is_left_alone(
    retention: PgRetention, clerk: Clerk, user: UserId
) -> None:
    """It has no end yet."""
    asked = clerk.ask(user)
    clerk.claim(asked.job)
    clerk.append(asked.answer, 1, 1, "Be")

    assert await retention.fold_answers(AT_ONCE, 10) == Folded(0)


async def test_pieces_that_differ_from_the_text_are_kept(
    retention: PgRetention, clerk: Clerk, owner: Clerk, user: UserId
) -> None:
    """They are named, and the next answer is folded all the same."""
    wrong = clerk.answered(user, client_id=None).answer
    owner.rows("update answer_chunks set text_part = 'x' where seq = 2")
    clerk.answered(user, client_id=None)

    folded = await retention.fold_answers(AT_ONCE, 10)

    assert folded == Folded(1, (AnswerId(wrong),))
    assert clerk.value("select count(*) from answer_chunks") == 2
    owner.rows("update answer_chunks set text_part = 'cause.' where seq = 2")


async def test_a_folded_answer_can_be_erased(
    retention: PgRetention, clerk: Clerk, user: UserId
) -> None:
    """Its conversation's words go, wherever they are; what is being erased waits."""
    asked = clerk.answered(user)
    await retention.fold_answers(AT_ONCE, 10)
    clerk.answered(user, conversation=asked.conversation, client_id=None)
    clerk.rows("update conversations set deleted_at = now()")

    assert await retention.fold_answers(AT_ONCE, 10) == Folded(0)
    assert clerk.value("select erase_deleted(10)") == 1
    assert await retention.fold_answers(AT_ONCE, 10) == Folded(2)

    assert clerk.rows("select text, ends from answers") == [(None, [])] * 2


async def test_a_folded_answer_can_be_tried_again(
    retention: PgRetention, answers: PgAnswers, clerk: Clerk, owner: Clerk, user: UserId
) -> None:
    """An operator's new attempt begins with nothing, and is read piece by piece."""
    asked = clerk.ask(user)
    clerk.claim(asked.job)
    clerk.append(asked.answer, 1, 1, "Be")
    clerk.value(
        "select (finish_answer(%s, 1, '', 'failed', 'gave_up', 'dead', null, null,"
        " null, null, 0)).charged",
        asked.answer,
    )
    await retention.fold_answers(AT_ONCE, 10)

    outcome = clerk.value(
        "select retry_ended_job(%s, interval '1 h', 'me', 'why')", asked.job
    )
    clerk.claim(asked.job)
    clerk.append(asked.answer, 2, 1, "Again")

    assert outcome == "retried"
    reading = await answers.read(user, AnswerId(asked.answer), 1, 1)
    assert [piece.text for piece in reading.pieces] == ["Again"]
    assert reading.epoch == 2


async def test_bodies_go_and_keys_stay(
    retention: PgRetention, clerk: Clerk, owner: Clerk
) -> None:
    """What has no outcome yet is kept, however old it is."""
    for key, days, outcome in (("a", 31, "done"), ("b", 29, "done"), ("c", 31, None)):
        owner.rows(ARRIVED, key, days, outcome, outcome is not None)

    blanked = [await retention.blank_arrivals(30 * DAY, 10) for _ in range(2)]

    assert blanked == [1, 0]
    assert clerk.rows("select dedup_key, body <> '' from inbox order by 1") == [
        ("a", False),
        ("b", True),
        ("c", True),
    ]
    owner.rows("update inbox set outcome = 'done', outcome_at = now()")


async def test_one_node_forgets_for_all(retention: PgRetention) -> None:
    """The others have their turn when its time is over."""
    turns = [await retention.turn(DAY) for _ in range(2)]

    assert turns == [True, False]
    assert await retention.turn(AT_ONCE)
