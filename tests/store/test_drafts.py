"""Answers being written, through the pool: memory, text, ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.store.clerk import Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Ending, Finish, State
from zimgpt.domain.conversations import AnswerId, Remembered, Turn
from zimgpt.domain.ledger import Price, Tokens, Usage
from zimgpt.flows.ports import Claim, Ended, Piece
from zimgpt.store.drafts import PgDrafts, PgJobs
from zimgpt.store.pool import Pool

LEASE, HOLD = timedelta(seconds=30), timedelta(minutes=15)
AT_ONCE = timedelta(0)


@pytest.fixture
def jobs(pool: Pool) -> PgJobs:
    """The port, with leases of half a minute."""
    return PgJobs(pool, LEASE, HOLD)


@pytest.fixture
def drafts(pool: Pool) -> PgDrafts:
    """The port, for answers of one model."""
    return PgDrafts(pool)


@pytest.fixture
def user(clerk: Clerk) -> UserId:
    """Somebody with 1000 tokens."""
    return UserId(clerk.person(1_000))


async def claimed(jobs: PgJobs, job: str) -> Claim:
    """A job that is to be had."""
    claim = await jobs.claim(job, "here")
    assert claim is not None
    return claim


def ending(cost: int, usage: Usage | None) -> Ending:
    """A plain end."""
    return Ending(State.COMPLETE, Finish.STOP, usage, Tokens(cost))


async def test_remembered(
    jobs: PgJobs, drafts: PgDrafts, clerk: Clerk, user: UserId
) -> None:
    """The turns of the window that was priced, and no others."""
    talk = clerk.answered(user, text="Zero?").conversation
    first = clerk.answered(user, text="One?", conversation=talk)
    second = clerk.answered(user, text="Two?", conversation=talk)
    clerk.answered(user, text="Elsewhere?")
    asked = clerk.ask(user, conversation=talk, window_from=first.answer)
    clerk.answered(user, text="Later?", conversation=talk)

    turns = (await drafts.remembered(await claimed(jobs, asked.job))).turns

    assert turns == (
        Turn(AnswerId(first.answer), "One?", "Because."),
        Turn(AnswerId(second.answer), "Two?", "Because."),
    )


async def test_prices_stay_as_they_were(
    jobs: PgJobs, clerk: Clerk, user: UserId
) -> None:
    """A price that changes after a question was asked does not touch it."""
    asked = clerk.ask(user)
    clerk.rows(
        "insert into prices (model, prompt_millis, completion_millis)"
        " values ('m', 9000, 9000)"
    )

    claim = await claimed(jobs, asked.job)

    assert claim.prices == (Price("m", 1000, 1000),)


async def test_nothing_is_remembered_without_a_window(
    jobs: PgJobs, drafts: PgDrafts, clerk: Clerk, user: UserId
) -> None:
    """Though the conversation has turns."""
    talk = clerk.answered(user).conversation
    asked = clerk.ask(user, conversation=talk)

    remembered = await drafts.remembered(await claimed(jobs, asked.job))

    assert remembered == Remembered()


# ---- text ------------------------------------------------------------------------


async def test_append(drafts: PgDrafts, clerk: Clerk, user: UserId) -> None:
    """Each piece goes to its answer, as it was written; stale ones are told apart."""
    asked = [clerk.ask(user) for _ in range(3)]
    for one in asked:
        clerk.claim(one.job, lease=AT_ONCE)
    clerk.claim(asked[2].job)
    texts = ["\"a\\b'\r\n\t{},%s \u2028 𝄞 \x01 null", "", "stale"]
    pieces = [
        Piece(AnswerId(one.answer), 1, 1, text)
        for one, text in zip(asked, texts, strict=True)
    ]

    taken = await drafts.append(pieces)
    again = await drafts.append(pieces)

    assert taken == again == {asked[0].answer, asked[1].answer}
    stored = dict(clerk.rows("select answer_id, text_part from answer_chunks"))
    assert stored == {asked[0].answer: texts[0], asked[1].answer: ""}


async def test_append_nothing(drafts: PgDrafts) -> None:
    """No piece is no error."""
    assert await drafts.append([]) == frozenset()


@pytest.mark.parametrize(
    ("usage", "stored"),
    [
        (Usage(10, 20), (10, 20, "upstream")),
        (Usage(7, 8, estimated=True), (7, 8, "estimated")),
        (None, (None, None, None)),
    ],
)
async def test_finish(
    drafts: PgDrafts,
    clerk: Clerk,
    user: UserId,
    usage: Usage | None,
    stored: tuple[object, ...],
) -> None:
    """The last text, how it ended, what the model used, and the charge."""
    asked = clerk.ask(user)
    clerk.claim(asked.job)
    clerk.append(asked.answer, 1, 1, "Be")

    ended = await drafts.finish(
        AnswerId(asked.answer), 1, "cause.", ending(40, usage), "m"
    )

    assert ended == Ended(charged=Tokens(40), available=Tokens(960), last_seq=2)
    row = clerk.row(
        "select state, finish_reason, text, model, prompt_tokens, completion_tokens,"
        "       usage_source from answers"
    )
    assert row == ("complete", "stop", "Because.", "m", *stored)


async def test_finish_of_nothing(drafts: PgDrafts, clerk: Clerk, user: UserId) -> None:
    """No text and no model leave nothing, and cost nothing."""
    asked = clerk.ask(user)
    clerk.claim(asked.job)
    nothing = Ending(State.FAILED, Finish.UNREACHABLE, None, Tokens(0))

    ended = await drafts.finish(AnswerId(asked.answer), 1, "", nothing, "")

    assert ended == Ended(charged=Tokens(0), available=Tokens(1_000), last_seq=0)
    row = clerk.row("select state, finish_reason, text, model from answers")
    assert row == ("failed", "unreachable", None, None)


async def test_the_superseded_finish_nothing(
    drafts: PgDrafts, clerk: Clerk, user: UserId
) -> None:
    """Nor does anybody finish twice."""
    asked = clerk.ask(user)
    clerk.claim(asked.job, lease=AT_ONCE)
    clerk.claim(asked.job)
    answer, end = AnswerId(asked.answer), ending(40, None)

    assert await drafts.finish(answer, 1, "old", end, "m") is None
    assert await drafts.finish(answer, 2, "new", end, "m") is not None
    assert await drafts.finish(answer, 2, "new", end, "m") is None
    assert clerk.value("select text from answers") == "new"
