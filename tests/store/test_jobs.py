"""Attempts under a lease, through the pool."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.store.clerk import Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.ledger import Price, Tokens
from zimgpt.domain.questions import Kind
from zimgpt.flows.ports import Claim
from zimgpt.store.drafts import PgJobs
from zimgpt.store.pool import Pool

LEASE, HOLD = timedelta(seconds=30), timedelta(minutes=15)
AT_ONCE, HOUR = timedelta(0), timedelta(hours=1)


@pytest.fixture
def jobs(pool: Pool) -> PgJobs:
    """The port, with leases of half a minute."""
    return PgJobs(pool, LEASE, HOLD)


@pytest.fixture
def user(clerk: Clerk) -> UserId:
    """Somebody with 1000 tokens."""
    return UserId(clerk.person(1_000))


async def claimed(jobs: PgJobs, job: str) -> Claim:
    """A job that is to be had."""
    claim = await jobs.claim(job, "here")
    assert claim is not None
    return claim


async def test_claim(jobs: PgJobs, clerk: Clerk, user: UserId) -> None:
    """All that a worker needs to know of a job comes with it."""
    asked = clerk.ask(user, text="Why?", kind="essay")
    clerk.rows("select request_stop(%s, %s)", asked.answer, user)

    claim = await jobs.claim(asked.job, "there")

    assert claim == Claim(
        job=asked.job,
        attempt=1,
        answer=AnswerId(asked.answer),
        user=user,
        kind=Kind.ESSAY,
        question="Why?",
        conversation=ConversationId(asked.conversation),
        window_from=None,
        prices=(Price("m", 1000, 1000),),
        prompt_estimate=10,
        max_tokens=64,
        hold=Tokens(100),
        stop_requested=True,
        origin="here",
    )
    lease = clerk.row(
        "select lease_owner, lease_until - now() between '25 s' and '30 s' from jobs"
    )
    assert lease == ("there", True)
    assert await jobs.claim(asked.job, "elsewhere") is None


async def test_a_claim_looks_no_further_than_its_lease(
    pool: Pool, clerk: Clerk, user: UserId
) -> None:
    """When it has run out another takes the job, and the attempt is another."""
    asked = clerk.ask(user)
    hasty = PgJobs(pool, AT_ONCE, HOLD)

    attempts = [await hasty.claim(asked.job, worker) for worker in ("one", "two")]

    assert [claim.attempt for claim in attempts if claim] == [1, 2]


async def test_renew(jobs: PgJobs, clerk: Clerk, user: UserId) -> None:
    """Running jobs of ours get another lease; lapsed, ended and others' do not."""
    asked = [clerk.ask(user) for _ in range(5)]
    ours, lapsed, ended, others, waiting = [one.job for one in asked]
    clerk.claim(ours, "here", lease=timedelta(seconds=5))
    clerk.claim(lapsed, "here", lease=AT_ONCE)
    clerk.claim(ended, "here")
    clerk.finish(asked[2].answer, 1)
    clerk.claim(others, "there")

    renewed = await jobs.renew("here", [one.job for one in asked])

    assert renewed == {ours}
    left = "select lease_until - now() > '20 s' from jobs where id = %s"
    assert clerk.value(left, ours) is True
    assert await jobs.renew("here", [waiting]) == frozenset()
    assert await jobs.renew("here", []) == frozenset()


async def test_retry(jobs: PgJobs, clerk: Clerk, user: UserId) -> None:
    """A job given back rests, and is then to be had, and says why it was."""
    asked = clerk.ask(user)
    await claimed(jobs, asked.job)

    assert await jobs.retry(asked.job, "here", "it broke" * 999, HOUR) is True

    assert await jobs.claim(asked.job, "here") is None
    error = clerk.value("select last_error from jobs")
    assert (error[:8], len(error)) == ("it broke", 2_000)
    with_owner = "select run_after - now() between '59 min' and '60 min' from jobs"
    assert clerk.value(with_owner) is True


async def test_retry_at_once(jobs: PgJobs, clerk: Clerk, user: UserId) -> None:
    """Without a rest it is to be had at once, as the next attempt."""
    asked = clerk.ask(user)
    await claimed(jobs, asked.job)

    await jobs.retry(asked.job, "here", "it broke", AT_ONCE)

    assert (await claimed(jobs, asked.job)).attempt == 2


async def test_only_its_owner_gives_a_job_back(
    jobs: PgJobs, clerk: Clerk, user: UserId
) -> None:
    """Who has lost it, or never had it, changes nothing."""
    asked = clerk.ask(user)
    clerk.claim(asked.job, "there")

    assert await jobs.retry(asked.job, "here", "it broke", AT_ONCE) is False
    assert await jobs.retry(str(uuid4()), "here", "it broke", AT_ONCE) is False

    assert clerk.value("select lease_owner from jobs") == "there"


async def test_the_last_attempt_is_not_given_back(
    jobs: PgJobs, clerk: Clerk, user: UserId
) -> None:
    """The fifth that breaks ends the answer, for nothing."""
    asked = clerk.ask(user)
    given_back = []
    for _ in range(5):
        await claimed(jobs, asked.job)
        given_back.append(await jobs.retry(asked.job, "here", "it broke", AT_ONCE))

    assert given_back == [True] * 4 + [False]
    assert clerk.value("select finish_reason from answers") == "gave_up"
    assert clerk.wallet(user) == (1_000, 0)


async def test_release(jobs: PgJobs, clerk: Clerk, user: UserId) -> None:
    """A node that starts again gives back what it held in its earlier life."""
    asked = [clerk.ask(user) for _ in range(4)]
    for one in asked[:2]:
        clerk.claim(one.job, "here")
    clerk.claim(asked[2].job, "there")

    assert await jobs.release("here") == 2
    assert await jobs.release("here") == 0

    assert (await claimed(jobs, asked[0].job)).attempt == 2
    assert await jobs.claim(asked[2].job, "here") is None
