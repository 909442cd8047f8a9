"""Jobs that keep failing: dead, told of once, and not the death of their neighbours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.store.clerk import Asked, Clerk
from zimgpt.flows.ports import DeadJob, Figures
from zimgpt.store.pool import Pool
from zimgpt.store.upkeep import PgDeadJobs, PgUpkeep

AT_ONCE = timedelta(0)
HOUR = timedelta(hours=1)
LAST_TWO = 3  # attempts after which a job is on its last two


def die(clerk: Clerk, asked: Asked, error: str = "ValueError: no") -> None:
    """All five attempts break."""
    for _ in range(5):
        assert clerk.claim(asked.job) is not None
        give_back = "select retry_job(%s, 'here', %s, '0 s')"
        clerk.rows(give_back, asked.job, error)


def lose(clerk: Clerk, asked: Asked, times: int) -> None:
    """So many attempts lose their lease."""
    for _ in range(times):
        assert clerk.claim(asked.job, "gone", lease=AT_ONCE) is not None


@pytest.fixture
def dead(pool: Pool) -> PgDeadJobs:
    """The port."""
    return PgDeadJobs(pool)


async def test_the_dead_are_listed_and_told(dead: PgDeadJobs, clerk: Clerk) -> None:
    """With the kind of their last error and none of its words."""
    user = clerk.person(1_000)
    first, second = clerk.ask(user), clerk.ask(user, kind="essay")
    living = clerk.ask(user)
    die(clerk, first, "json.JSONDecodeError: my secret question")
    lose(clerk, second, 5)
    assert clerk.claim(second.job) is None

    expected = (
        DeadJob(first.job, "chat", "here", 5, "json.JSONDecodeError"),
        DeadJob(second.job, "essay", "here", 5, "LeaseLost"),
    )
    assert await dead.untold(10) == expected
    assert await dead.untold(1) == expected[:1]

    await dead.told([first.job, living.job])

    assert await dead.untold(10) == expected[1:]
    assert await dead.all() == expected
    assert await dead.is_dead(first.job) is True
    assert await dead.is_dead(living.job) is False


async def test_one_node_at_a_time(dead: PgDeadJobs) -> None:
    """A turn is taken once in each stretch of time."""
    assert await dead.turn(HOUR) is True
    assert await dead.turn(HOUR) is False
    assert await dead.turn(AT_ONCE) is True


async def test_figures(pool: Pool, clerk: Clerk, owner: Clerk) -> None:
    """Counts of what is under way or dead, and the age of the oldest under way."""
    upkeep = PgUpkeep(pool)
    assert await upkeep.figures() == Figures()
    user = clerk.person(1_000)
    clerk.answered(user)
    asked = [clerk.ask(user) for _ in range(4)]
    clerk.claim(asked[0].job)
    die(clerk, asked[1])
    owner.rows(
        "update jobs set created_at = now() - interval '1 min' where id = %s",
        asked[2].job,
    )

    figures = await upkeep.figures()

    assert (figures.queued, figures.running, figures.dead) == (2, 1, 1)
    assert 60 <= figures.oldest < 90


def test_a_lost_lease_says_whose_it_was(clerk: Clerk) -> None:
    """An operator who looks at a dead job finds the node that died of it."""
    asked = clerk.ask(clerk.person(500))
    lose(clerk, asked, 1)

    clerk.claim(asked.job, "other")

    error = clerk.value("select last_error from jobs")
    assert error == "LeaseLost: gone let its lease run out"
    clerk.rows("select release_leases('other')")
    error = clerk.value("select last_error from jobs")
    assert error == "LeaseLost: other gave it back or began again"


def test_suspects_are_run_apart(clerk: Clerk) -> None:
    """A worker has one job on its last two attempts at a time, so that a question
    which kills the process cannot take the same neighbours with it to the end."""
    user = clerk.person(1_000)
    poison, neighbour, fresh = (clerk.ask(user) for _ in range(3))
    for one in (poison, neighbour):
        lose(clerk, one, LAST_TWO)

    assert clerk.claim(poison.job, "a") == LAST_TWO + 1
    assert clerk.claim(neighbour.job, "a") is None
    assert clerk.claim(fresh.job, "a") == 1

    row = clerk.row(
        "select state, attempts, lease_owner, published_at = '-infinity' from jobs"
        " where id = %s",
        neighbour.job,
    )
    assert row == ("queued", LAST_TWO, None, True)


def test_a_suspect_waits_for_no_other_worker(clerk: Clerk, owner: Clerk) -> None:
    """Another node takes it at once, and so does the same one when it is free."""
    user = clerk.person(1_000)
    one, two, three = (clerk.ask(user) for _ in range(3))
    for each in (one, two, three):
        lose(clerk, each, LAST_TWO)
    clerk.claim(one.job, "a")

    assert clerk.claim(two.job, "b") == LAST_TWO + 1
    assert clerk.claim(three.job, "a") is None
    clerk.finish(one.answer, LAST_TWO + 1)
    owner.rows("update jobs set run_after = now() where state = 'queued'")
    assert clerk.claim(three.job, "a") == LAST_TWO + 1
