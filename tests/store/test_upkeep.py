"""What the broker has still to be given, and what a crash leaves behind."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.store.clerk import Asked, Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.ports import Ticket
from zimgpt.store.pool import Pool
from zimgpt.store.upkeep import PgOutbox, PgUpkeep

PATIENCE = timedelta(seconds=30)
AT_ONCE = timedelta(0)


@pytest.fixture
def outbox(pool: Pool) -> PgOutbox:
    """One port."""
    return PgOutbox(pool)


@pytest.fixture
def upkeep(pool: Pool) -> PgUpkeep:
    """The other."""
    return PgUpkeep(pool)


@pytest.fixture
def user(clerk: Clerk) -> UserId:
    """Somebody with 1000 tokens."""
    return UserId(clerk.person(1_000))


def since(owner: Clerk, seconds: float) -> None:
    """Lets every job have been published so long ago."""
    earlier = "update jobs set published_at = now() - %s * interval '1 s'"
    owner.rows(earlier, seconds)


# ---- outbox ----------------------------------------------------------------------


async def test_an_unconfirmed_job_is_due_after_five_seconds(
    outbox: PgOutbox, clerk: Clerk, owner: Clerk, user: UserId
) -> None:
    """Its outbox row comes with it, to be confirmed this time."""
    asked = clerk.ask(user)
    ticket = Ticket(asked.job, "here", asked.outbox)

    since(owner, 4)
    assert await outbox.due(PATIENCE, 10) == ()
    since(owner, 6)
    assert await outbox.due(PATIENCE, 10) == (ticket,)
    assert await outbox.due(PATIENCE, 10) == ()
    since(owner, 6)
    assert await outbox.due(PATIENCE, 10) == (ticket,)


async def test_a_confirmed_job_is_due_when_patience_ends(
    outbox: PgOutbox, clerk: Clerk, owner: Clerk, user: UserId
) -> None:
    """The broker may have lost it; there is nothing to confirm any more."""
    asked = clerk.ask(user)
    await outbox.confirm([asked.outbox, asked.outbox, 999])
    assert clerk.value("select confirmed_at is not null from outbox") is True

    since(owner, 29)
    assert await outbox.due(PATIENCE, 10) == ()
    since(owner, 31)
    assert await outbox.due(PATIENCE, 10) == (Ticket(asked.job, "here", None),)


async def test_a_short_patience_is_kept(
    outbox: PgOutbox, clerk: Clerk, owner: Clerk, user: UserId
) -> None:
    """Who asks for less than five seconds gets it for the unconfirmed, too."""
    asked = clerk.ask(user)
    since(owner, 2)

    due = await outbox.due(timedelta(seconds=1), 10)

    assert due == (Ticket(asked.job, "here", asked.outbox),)


async def test_a_job_given_back_is_due_at_once(
    outbox: PgOutbox, clerk: Clerk, owner: Clerk, user: UserId
) -> None:
    """As soon as it has rested; and so is one of a node that starts again."""
    rests, retried, released = (clerk.ask(user) for _ in range(3))
    await outbox.confirm([rests.outbox, retried.outbox, released.outbox])
    for one in (rests, retried, released):
        clerk.claim(one.job, "here")
    clerk.rows("select retry_job(%s, 'here', 'x', '1 h')", rests.job)
    clerk.rows("select retry_job(%s, 'here', 'x', '0')", retried.job)
    clerk.rows("select release_leases('here')")

    due = await outbox.due(PATIENCE, 10)

    assert {ticket.job for ticket in due} == {retried.job, released.job}


async def test_a_job_whose_lease_ran_out_is_due(
    outbox: PgOutbox, clerk: Clerk, owner: Clerk, user: UserId
) -> None:
    """Its worker has died; a job in living hands, or ended, is not."""
    lapsed, living, ended = (clerk.ask(user) for _ in range(3))
    await outbox.confirm([lapsed.outbox, living.outbox, ended.outbox])
    clerk.claim(lapsed.job, lease=AT_ONCE)
    clerk.claim(living.job)
    clerk.claim(ended.job)
    clerk.finish(ended.answer, 1)

    assert await outbox.due(PATIENCE, 10) == ()  # just published
    since(owner, 6)

    assert await outbox.due(PATIENCE, 10) == (Ticket(lapsed.job, "here", None),)


async def test_the_longest_waiting_come_first(
    outbox: PgOutbox, clerk: Clerk, owner: Clerk, user: UserId
) -> None:
    """And no more than were asked for."""
    asked = [clerk.ask(user).job for _ in range(3)]
    for seconds, job in zip((20, 40, 30), asked, strict=True):
        owner.rows(
            "update jobs set published_at = now() - %s * interval '1 s' where id = %s",
            *(seconds, job),
        )

    due = await outbox.due(PATIENCE, 2)

    assert {ticket.job for ticket in due} == {asked[1], asked[2]}


async def test_confirming_nothing(outbox: PgOutbox) -> None:
    """No row is no error."""
    await outbox.confirm([])


# ---- upkeep ----------------------------------------------------------------------


async def test_expired_holds_are_released(
    upkeep: PgUpkeep, clerk: Clerk, user: UserId
) -> None:
    """Answer, hold and job end together; the hold is back in the wallet."""
    waiting, lapsed = (clerk.ask(user, ttl=AT_ONCE) for _ in range(2))
    clerk.claim(lapsed.job, lease=AT_ONCE, hold=AT_ONCE)
    clerk.append(lapsed.answer, 1, 1, "Be")

    closed = await upkeep.close_expired(10)

    assert set(closed) == {waiting.answer, lapsed.answer}
    assert clerk.wallet(user) == (1_000, 0)
    ends = clerk.rows(
        "select a.state, a.finish_reason, a.text, j.state from answers a"
        "  join jobs j on j.ref = a.id::text order by a.last_seq"
    )
    assert ends == [
        ("failed", "expired", None, "failed"),
        ("failed", "expired", "Be", "failed"),
    ]
    assert await upkeep.close_expired(10) == ()


async def test_holds_that_somebody_will_settle_are_left(
    upkeep: PgUpkeep, clerk: Clerk, user: UserId
) -> None:
    """Those with time left, those in living hands, those that ended."""
    clerk.ask(user)
    late = clerk.ask(user, ttl=AT_ONCE)
    clerk.claim(late.job, hold=AT_ONCE)
    clerk.answered(user)

    assert await upkeep.close_expired(10) == ()

    assert clerk.wallet(user) == (760, 200)


async def test_some_are_closed_at_a_time(
    upkeep: PgUpkeep, clerk: Clerk, user: UserId
) -> None:
    """The oldest first."""
    asked = [clerk.ask(user, ttl=timedelta(seconds=-n)).answer for n in (1, 9, 5)]

    assert set(await upkeep.close_expired(2)) == {asked[1], asked[2]}
    assert await upkeep.close_expired(2) == (AnswerId(asked[0]),)


def words(clerk: Clerk, asked: Asked) -> list[tuple[object, ...]]:
    """All that is still written of an answer and its conversation."""
    return clerk.rows(
        "select c.title, q.text, a.text, a.last_seq,"
        "       (select count(*) from answer_chunks k where k.answer_id = a.id)"
        "  from conversations c join answers a on a.conversation_id = c.id"
        "  join questions q on q.answer_id = a.id where a.id = %s",
        asked.answer,
    )


async def test_deleted_words_are_erased(
    upkeep: PgUpkeep, clerk: Clerk, user: UserId
) -> None:
    """Title, question, answer and pieces of every attempt go; what was paid stays."""
    kept = clerk.answered(user)
    asked = clerk.ask(user)
    clerk.claim(asked.job, lease=AT_ONCE)
    clerk.append(asked.answer, 1, 1, "lost")
    clerk.claim(asked.job)
    clerk.finish(asked.answer, 2, text="whole")
    gone = "update conversations set deleted_at = now() where id = %s"
    clerk.rows(gone, asked.conversation)

    assert await upkeep.erase_deleted(10) == 1

    assert words(clerk, asked) == [("", "", None, 0, 0)]
    assert words(clerk, kept) == [("a title", "Why?", "Because.", 2, 2)]
    assert clerk.wallet(user) == (920, 0)
    assert await upkeep.erase_deleted(10) == 0


async def test_an_answer_is_written_to_its_end_first(
    upkeep: PgUpkeep, clerk: Clerk, user: UserId
) -> None:
    """Deleting a conversation does not pull the ground from under a worker."""
    asked = clerk.ask(user)
    clerk.claim(asked.job)
    gone = "update conversations set deleted_at = now() where id = %s"
    clerk.rows(gone, asked.conversation)

    assert await upkeep.erase_deleted(10) == 0

    clerk.finish(asked.answer, 1, text="whole")
    assert await upkeep.erase_deleted(10) == 1
    assert words(clerk, asked) == [("", "", None, 0, 0)]


async def test_what_is_over_is_forgotten(
    upkeep: PgUpkeep, clerk: Clerk, owner: Clerk, user: UserId
) -> None:
    """Outbox rows confirmed an hour ago or of ended jobs, and sessions past their end;
    what is still of use stays."""
    old, fresh, waiting, ended = (clerk.ask(user) for _ in range(4))
    confirm = "update outbox set confirmed_at = now() - %s::interval where id = %s"
    owner.rows(confirm, "61 min", old.outbox)
    owner.rows(confirm, "59 min", fresh.outbox)
    clerk.claim(ended.job)
    clerk.finish(ended.answer, 1)
    session = (
        "insert into sessions (id, user_id, token_digest, client, expires_at)"
        " values (%s, %s, sha256(%s), 'x', now() + %s::interval)"
    )
    for token, left in ((b"over", "-1 s"), (b"live", "1 min")):
        clerk.rows(session, str(uuid4()), user, token, left)

    assert await upkeep.forget_confirmed() == 2

    left_over = clerk.rows("select id from outbox order by id")
    assert left_over == [(fresh.outbox,), (waiting.outbox,)]
    live = "select token_digest = sha256('live') from sessions"
    assert clerk.rows(live) == [(True,)]
    assert await upkeep.forget_confirmed() == 0
