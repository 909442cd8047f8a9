"""What operators see of jobs, and do with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs
import psycopg2
import pytest
from psycopg2.errors import IntegrityConstraintViolation
from psycopg2.extensions import connection as Connection  # noqa: N812

from tests.store.clerk import Asked, Clerk
from tests.store.test_dead_jobs import AT_ONCE, die
from zimgpt.store import operator_jobs
from zimgpt.store.invariants import violations
from zimgpt.store.operator_jobs import NoSuchJob, NotDropped, NotRetried

NOBODY = "00000000-0000-4000-8000-000000000000"
WORDS = "a question that is nobody's business"
ACTS = "select who, act, subject, reason from operator_acts order by id"

Act = Callable[..., None]


@pytest.fixture
def desk(database: str, sound: None) -> Iterator[Connection]:
    """An operator's connection, stepped down as far as one can be."""
    connection = psycopg2.connect(database, options="-c role=zimgpt_app")
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture
def user(clerk: Clerk) -> int:
    """Somebody with 1000 tokens, of which a question holds 100."""
    return clerk.person(1_000)


@pytest.fixture
def dead(clerk: Clerk, user: int) -> Asked:
    """A question whose job has died."""
    asked = clerk.ask(user, text=WORDS)
    die(clerk, asked, "ValueError: broken")
    return asked


def retry(desk: Connection, job: str) -> None:
    """As an operator does."""
    operator_jobs.retry(desk, job, who="ops", reason="fixed")


def drop(desk: Connection, job: str) -> None:
    """As an operator does."""
    operator_jobs.drop(desk, job, who="ops", reason="spam")


def test_list(desk: Connection, clerk: Clerk, user: int, dead: Asked) -> None:
    """The newest first, of one state or kind if wanted, and so many at most."""
    essay = clerk.ask(user, kind="essay")
    clerk.claim(essay.job, "there")

    def ids(**wanted: object) -> list[str]:
        everything = {"state": None, "kind": None, "limit": 10}
        rows = operator_jobs.listed(desk, **(everything | wanted))  # type: ignore[arg-type]
        return [row.id for row in rows]

    assert ids() == [essay.job, dead.job]
    assert ids(limit=1) == [essay.job]
    assert ids(state="dead") == ids(kind="chat") == [dead.job]
    assert ids(state="queued") == ids(kind="wa_send") == []
    running, died = operator_jobs.listed(desk, state=None, kind=None, limit=10)
    assert (running.lease_owner, running.attempts) == ("there", 1)
    assert running.lease_left is not None
    assert 20 < running.lease_left <= 30
    assert (died.attempts, died.max_attempts, died.last_error) == (
        5,
        5,
        "ValueError: broken",
    )


def test_show(desk: Connection, dead: Asked) -> None:
    """Job, answer, hold and outbox, and not a word of the question."""
    story = operator_jobs.shown(desk, dead.job)

    assert story.job["state"] == "dead"
    assert story.answer is not None
    assert (story.answer["id"], story.answer["finish_reason"]) == (
        dead.answer,
        "gave_up",
    )
    assert story.hold is not None
    assert (story.hold["state"], story.hold["round"]) == ("released", 1)
    assert [row["id"] for row in story.outbox] == [dead.outbox]
    assert story.acts == ()
    assert WORDS not in str(attrs.asdict(story))
    with pytest.raises(NoSuchJob):
        operator_jobs.shown(desk, NOBODY)


def test_a_job_without_an_answer_is_shown(desk: Connection, owner: Clerk) -> None:
    """Later kinds of jobs are about something else."""
    owner.rows(
        "insert into jobs (id, kind, ref, origin)"
        " values (%s, 'payment_poll', '7', 'here')",
        NOBODY,
    )

    story = operator_jobs.shown(desk, NOBODY)

    assert (story.job["ref"], story.answer, story.hold) == ("7", None, None)
    drop(desk, NOBODY)
    assert operator_jobs.shown(desk, NOBODY).job["state"] == "failed"


def test_retry(desk: Connection, clerk: Clerk, user: int, dead: Asked) -> None:
    """A new hold from the same wallet, five more attempts, one charge at the end."""
    assert clerk.wallet(user) == (1_000, 0)

    retry(desk, dead.job)

    assert clerk.wallet(user) == (900, 100)
    assert clerk.rows("select job_id::text from jobs_to_publish('1 h', 10)") == [
        (dead.job,)
    ]
    assert clerk.claim(dead.job) == 6  # an epoch above all that were seen
    assert clerk.append(dead.answer, 6, 1, "Be")
    assert clerk.finish(dead.answer, 6, text="cause.", cost=40) == 40
    assert clerk.wallet(user) == (960, 0)
    assert clerk.finish(dead.answer, 6, text="cause.", cost=40) is None
    assert clerk.rows(ACTS) == [("ops", "retry", dead.job, "fixed")]


def test_retry_of_what_was_half_written(
    desk: Connection, clerk: Clerk, user: int
) -> None:
    """Its pieces stay in their place until the next attempt voids them."""
    asked = clerk.ask(user)
    for attempt in range(1, 6):
        assert clerk.claim(asked.job) == attempt
        assert clerk.append(asked.answer, attempt, 1, "half")
        clerk.rows("select retry_job(%s, 'here', 'x', '0 s')", asked.job)

    retry(desk, asked.job)

    place = "select state, epoch, last_seq, text from answers"
    assert clerk.row(place) == ("queued", 5, 1, None)
    assert clerk.claim(asked.job) == 6
    assert clerk.row(place) == ("queued", 6, 0, None)


def test_a_retried_job_dies_and_is_retried_again(
    desk: Connection, clerk: Clerk, user: int, dead: Asked
) -> None:
    """Each time it has five attempts, a hold under a key of its own, and an alarm."""
    clerk.rows("select dead_told(%s::uuid[])", [dead.job])

    retry(desk, dead.job)
    die(clerk, dead)

    assert clerk.row("select state, attempts, told_at from jobs") == ("dead", 10, None)
    assert clerk.wallet(user) == (1_000, 0)
    retry(desk, dead.job)
    assert clerk.wallet(user) == (900, 100)
    keys = clerk.rows("select idem_key from transfers where idem_key ~ '^(re|se)' ")
    assert sorted(key.replace(dead.answer, "A") for (key,) in keys) == [
        "reserve:A",
        "reserve:A:2",
        "reserve:A:3",
        "settle:A",
        "settle:A:2",
    ]


def test_retry_of_a_question_that_waited_too_long(
    desk: Connection, clerk: Clerk, user: int
) -> None:
    """It failed without an attempt, and gets its five."""
    asked = clerk.ask(user, ttl=AT_ONCE)
    assert clerk.rows("select answer_id from close_expired(10)")

    retry(desk, asked.job)

    assert clerk.claim(asked.job) == 1
    assert clerk.row("select state, max_attempts from jobs") == ("running", 5)


def test_retry_needs_the_money(
    desk: Connection, clerk: Clerk, user: int, dead: Asked
) -> None:
    """What was spent meanwhile is not there to be held; nothing changes."""
    clerk.ask(user, hold=901)

    with pytest.raises(NotRetried, match="does not cover the hold"):
        retry(desk, dead.job)

    assert clerk.wallet(user) == (99, 901)
    assert clerk.rows(ACTS) == []


def test_what_is_not_retried(
    desk: Connection, clerk: Clerk, user: int, dead: Asked
) -> None:
    """Jobs that have not ended, that were dropped, paid for, erased, or are not."""
    waiting, paid = clerk.ask(user), clerk.answered(user)
    erased = clerk.ask(user)
    die(clerk, erased)
    clerk.rows(
        "update conversations set deleted_at = now() where id = %s",
        erased.conversation,
    )
    drop(desk, dead.job)

    for asked, sentence in (
        (waiting, "has not ended"),
        (paid, "has not ended"),
        (erased, "was deleted"),
        (dead, "dropped for good"),
    ):
        with pytest.raises(NotRetried, match=sentence):
            retry(desk, asked.job)
    with pytest.raises(NoSuchJob):
        retry(desk, NOBODY)


def test_drop(desk: Connection, clerk: Clerk, user: int, dead: Asked) -> None:
    """A waiting job's answer fails and its hold is released; a dead one is buried."""
    waiting = clerk.ask(user)

    drop(desk, waiting.job)
    drop(desk, dead.job)

    assert clerk.wallet(user) == (1_000, 0)
    states = clerk.rows("select distinct j.state, a.state from jobs j, answers a")
    assert states == [("failed", "failed")]
    assert clerk.claim(waiting.job) is None
    assert [row[1:3] for row in clerk.rows(ACTS)] == [
        ("drop", waiting.job),
        ("drop", dead.job),
    ]


def test_what_is_not_dropped(desk: Connection, clerk: Clerk, user: int) -> None:
    """Jobs under way, jobs that have ended, and jobs that are not."""
    running, done = clerk.ask(user), clerk.answered(user)
    clerk.claim(running.job)

    with pytest.raises(NotDropped, match="is running"):
        drop(desk, running.job)
    with pytest.raises(NotDropped, match="has ended"):
        drop(desk, done.job)
    with pytest.raises(NoSuchJob):
        drop(desk, NOBODY)


def test_acts_are_kept_for_ever(owner: Clerk, desk: Connection, dead: Asked) -> None:
    """Not even the database's owner changes what was done and why."""
    drop(desk, dead.job)

    for statement in (
        "update operator_acts set who = 'me'",
        "delete from operator_acts",
        "truncate operator_acts",
    ):
        with pytest.raises(IntegrityConstraintViolation, match="is append-only"):
            owner.rows(statement)


def test_a_second_round_that_moved_nothing_is_noticed(
    database: str, owner: Clerk
) -> None:
    """The check of holds looks at every round."""
    asked = owner.ask(owner.person(1_000))
    owner.rows("update reservations set round = 2")

    broken = violations(database)

    owner.rows("update reservations set round = 1")
    assert ("hold without its transfers", asked.answer) in broken
