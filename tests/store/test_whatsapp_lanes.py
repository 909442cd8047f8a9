"""Lanes: one person's work at a time, never lost and never dead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.store.clerk import Clerk
from tests.store.postbox import Lane, Postbox, new_wamid, receive, status
from zimgpt.store.pool import Pool
from zimgpt.store.upkeep import PgDeadJobs

IN = "wa_inbound"


def claimed(person: Postbox, kind: str = IN) -> Lane:
    """The lane, which there must be."""
    lane = person.claim(kind)
    assert lane is not None
    return lane


def test_one_worker_has_a_lane(clerk: Clerk) -> None:
    """While one has it nobody else gets it; a job that is none gives nothing."""
    tendai = Postbox.of(clerk)
    tendai.write()

    lane = claimed(tendai)

    assert (tendai.contact, 1, None) == (lane.contact, lane.attempt, lane.put_aside)
    assert tendai.claim(IN, "there") is None


def test_a_lane_that_was_woken_looks_again(clerk: Clerk) -> None:
    """What comes while it runs is seen before it rests."""
    tendai = Postbox.of(clerk)
    tendai.write()
    lane = claimed(tendai)

    tendai.write()

    assert tendai.lane(IN) == ("running", True)
    assert tendai.finish(lane.job)
    assert not tendai.finish(lane.job)
    assert tendai.lane(IN) == ("done", False)
    tendai.write()
    assert tendai.lane(IN) == ("queued", False)


def test_a_lane_rests_for_a_while(clerk: Clerk, owner: Clerk) -> None:
    """One that waits is taken when its time has come, and is then given again."""
    tendai = Postbox.of(clerk)
    tendai.write()
    lane = claimed(tendai)

    assert not tendai.finish(lane.job, timedelta(minutes=5))

    assert tendai.claim(IN) is None
    due = "select job_id from jobs_to_publish(interval '30 s', 10)"
    assert clerk.rows(due) == []
    owner.rows("update jobs set run_after = clock_timestamp()")
    assert [(lane.job,)] == clerk.rows(due)
    assert tendai.claim(IN) is not None


def test_news_ends_a_rest(clerk: Clerk) -> None:
    """A lane that rests until the fate of its last message is known rests no longer
    when it is."""
    tendai = Postbox.of(clerk)
    id = tendai.outgoing()
    lane = claimed(tendai, "wa_send")
    clerk.value("select begin_send(%s)", id)
    tendai.finish(lane.job, timedelta(seconds=60))

    receive(clerk, status(new_wamid(), "sent", id))

    assert tendai.claim("wa_send") is not None


def test_a_lost_lease(clerk: Clerk, owner: Clerk) -> None:
    """Who has lost the lane decides nothing about it any more."""
    tendai = Postbox.of(clerk)
    tendai.write()
    lane = claimed(tendai)
    owner.rows("update jobs set lease_until = clock_timestamp() - interval '1 s'")

    taken = tendai.claim(IN, "there")

    assert taken is not None
    assert taken.attempt == 2
    assert not tendai.finish(lane.job)
    assert tendai.lane(IN) == ("running", False)


def test_what_breaks_is_put_aside(clerk: Clerk) -> None:
    """After five attempts that broke, what stands first is put aside and the rest goes
    on; the lane is not dead."""
    tendai = Postbox.of(clerk)
    poison, good = tendai.write(ago=9), tendai.write()

    for _ in range(5):
        lane = claimed(tendai)
        assert lane.put_aside is None
        tendai.retry(lane.job)
    lane = claimed(tendai)

    assert f"arrival {poison}" == lane.put_aside
    assert lane.attempt == 1
    outcomes = "select id, outcome from inbox order by id"
    assert [(poison, "dead"), (good, None)] == clerk.rows(outcomes)


def test_cuts_are_nobodys_fault(clerk: Clerk, owner: Clerk) -> None:
    """Nodes that die, and a database that is away, put nothing aside so soon."""
    tendai = Postbox.of(clerk)
    tendai.write()
    for _ in range(30):
        lane = claimed(tendai)
        tendai.retry(lane.job, counts=False)
    for _ in range(15):
        lane = claimed(tendai)
        owner.rows("select release_leases('here')")

    assert clerk.value("select outcome from inbox") is None


def test_a_message_that_breaks_is_given_back(clerk: Clerk, owner: Clerk) -> None:
    """What an answer cost that could not be put on its way is given back."""
    tendai = Postbox.of(clerk)
    user, _, part = tendai.carried(cost=40)
    assert clerk.wallet(user) == (960, 0)
    owner.rows("update jobs set attempts = 20 where kind = 'wa_send'")

    assert f"message {part}" == claimed(tendai, "wa_send").put_aside

    assert tendai.row(part)[0] == "failed"
    assert clerk.wallet(user) == (1000, 0)


def test_the_end_of_an_answer_wakes_its_lanes(clerk: Clerk) -> None:
    """Whoever waits for an answer is woken in the commit that ends it."""
    tendai = Postbox.of(clerk)
    tendai.write()
    user, _, _ = tendai.account()
    asked = clerk.ask(user)
    tendai.outgoing(asked.answer)
    for kind in (IN, "wa_send"):
        tendai.finish(claimed(tendai, kind).job)
        tendai.finish(tendai.job(kind))
    assert tendai.lane("wa_send") == ("done", False)

    clerk.claim(asked.job)
    clerk.finish(asked.answer, 1, text="Because.")

    assert tendai.lane("wa_send") == ("queued", False)
    assert tendai.lane(IN) == ("queued", False)


async def test_a_lane_is_never_dead(clerk: Clerk, owner: Clerk, pool: Pool) -> None:
    """However often it broke, no lane is among the dead jobs, and none is dropped."""
    tendai = Postbox.of(clerk)
    tendai.write()
    for _ in range(7):
        tendai.retry(claimed(tendai).job)

    assert await PgDeadJobs(pool).all() == ()
    drop = "select drop_job(%s, 'me', 'why not')"
    assert owner.value(drop, tendai.job(IN)) == "lane"


@pytest.mark.parametrize("kind", [IN, "wa_send"])
def test_no_answer_is_a_lane(clerk: Clerk, kind: str) -> None:
    """A lane's worker is given no answer's job."""
    asked = clerk.ask(clerk.person(1000))
    sql = "select kind from claim_lane(%s, 'here', interval '30 s')"

    assert clerk.value(sql, asked.job) is None
    assert clerk.rows("select from jobs where kind = %s", kind) == []
