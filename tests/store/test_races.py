"""Many connections at once: each effect happens once, and nobody waits for ever."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar
from uuid import uuid4

import psycopg2
import pytest

from tests.store.clerk import HOLDING, Clerk

T = TypeVar("T")

MANY = 50


@pytest.fixture
def owners(database: str, sound: None) -> Iterator[list[Clerk]]:
    """Connections that may call everything."""
    clerks = [Clerk(database, superuser=True) for _ in range(MANY)]
    yield clerks
    for clerk in clerks:
        clerk.__exit__(None, None, None)


def at_once(clerks: list[Clerk], work: Callable[[Clerk], T]) -> list[T]:
    """Does the same on every connection at the same moment."""
    barrier = Barrier(len(clerks))

    def one(clerk: Clerk) -> T:
        barrier.wait()
        return work(clerk)

    with ThreadPoolExecutor(len(clerks)) as threads:
        return list(threads.map(one, clerks))


def test_money_for_seven_questions(owners: list[Clerk]) -> None:
    """Of fifty questions at once exactly as many are taken as the balance covers."""
    user = owners[0].person(7 * HOLDING + 30)

    asked = at_once(owners, lambda clerk: clerk.ask(user).outcome)

    assert Counter(asked) == {"accepted": 7, "insufficient": 43}
    assert owners[0].wallet(user) == (30, 700)


def test_room_for_five_answers(owners: list[Clerk]) -> None:
    """Of fifty questions at once exactly as many are taken as may be under way; when
    one of them has ended, one more is."""
    user = owners[0].person(50_000)

    asked = at_once(owners, lambda clerk: clerk.ask(user, most=5))

    assert Counter(one.outcome for one in asked) == {"accepted": 5, "too_many": 45}
    first = next(one for one in asked if one.outcome == "accepted")
    owners[0].claim(first.job)
    owners[0].finish(first.answer, 1)
    again = at_once(owners, lambda clerk: clerk.ask(user, most=5).outcome)
    assert Counter(again) == {"accepted": 1, "too_many": 49}


def test_a_repeat_needs_no_room(owners: list[Clerk]) -> None:
    """Whose answers are all under way can still ask what became of them."""
    user = owners[0].person(5_000)
    first = owners[0].ask(user, client_id="again", most=1)

    outcomes = at_once(owners, lambda clerk: clerk.ask(user, client_id="again", most=1))

    assert {one.outcome for one in outcomes} == {"repeat"}
    assert {one.answer for one in outcomes} == {first.answer}
    assert owners[0].ask(user, most=1).outcome == "too_many"


def test_the_last_tokens(owners: list[Clerk]) -> None:
    """Money for one question is spent by one of fifty."""
    user = owners[0].person(HOLDING)

    asked = at_once(owners, lambda clerk: clerk.ask(user).outcome)

    assert asked.count("accepted") == 1


def test_one_question_sent_fifty_times(owners: list[Clerk]) -> None:
    """One answer, one hold, one job, and everybody is told of the same."""
    user = owners[0].person(5_000)

    asked = at_once(owners, lambda clerk: clerk.ask(user, client_id="again"))

    assert Counter(one.outcome for one in asked) == {"accepted": 1, "repeat": 49}
    assert len({(one.answer, one.conversation, one.hold) for one in asked}) == 1
    assert len([one for one in asked if one.job is not None]) == 1
    assert owners[0].value("select count(*) from jobs") == 1
    assert owners[0].wallet(user) == (4_900, 100)


def test_one_hold_settled_fifty_times(owners: list[Clerk]) -> None:
    """It is charged once; everybody is told the same charge."""
    user = owners[0].person(500)
    asked = owners[0].ask(user)
    owners[0].claim(asked.job)

    ends = at_once(owners, lambda clerk: clerk.finish(asked.answer, 1, cost=40))

    assert Counter(ends) == {40: 1, None: 49}
    settle = "select settle(%s, 60)"
    assert set(at_once(owners, lambda one: one.value(settle, asked.answer))) == {40}
    assert owners[0].wallet(user) == (460, 0)


def test_one_payment_credited_fifty_times(owners: list[Clerk]) -> None:
    """One call credits it, the others hear that it was."""
    user = owners[0].person(0)
    payment = owners[0].pay(user)

    def credit(clerk: Clerk) -> int | None:
        return clerk.decide(payment, 2, "credited", credit="purchase", body=b"Paid")

    outcomes = at_once(owners, credit)

    assert Counter(outcomes) == {3: 1, None: 49}
    assert owners[0].wallet(user) == (10_000, 0)
    late = at_once(owners, lambda c: c.decide(payment, 3, "credited", credit="manual"))
    assert set(late) == {3}
    assert owners[0].wallet(user) == (10_000, 0)


def test_one_payment_clawed_back_fifty_times(owners: list[Clerk]) -> None:
    """Tokens that were spent meanwhile are owed; nothing is taken twice."""
    user = owners[0].person(0)
    payment = owners[0].buy(user)
    owners[0].answered(user, hold=9_000, cost=9_000)

    def claw(clerk: Clerk) -> int | None:
        return clerk.decide(
            payment, 3, "refunded", clawback="clawback", word="Refunded"
        )

    outcomes = at_once(owners, claw)

    assert Counter(outcomes) == {4: 1, None: 49}
    assert owners[0].wallet(user) == (-9_000, 0)


def test_credits_and_questions_never_wait_for_each_other(owners: list[Clerk]) -> None:
    """Callbacks, looks, credits, clawbacks and spending of the same few people at once:
    no deadlock, and every payment was credited once."""
    people = [owners[0].person(2_000) for _ in range(5)]
    payments = [owners[0].pay(user) for user in people for _ in range(4)]
    lease, body = timedelta(seconds=20), b"the same body"

    def meddle(clerk: Clerk) -> None:
        shuffled = random.Random(id(clerk)).sample(payments, len(payments))
        for payment in shuffled:
            clerk.rows(
                "select hear_callback(%s, 'USD', true, 'Paid', 50, %s, %s)",
                *(payment, body, lease),
            )
            clerk.rows("select due_payments(4, %s)", lease)
            version, state = clerk.row(
                "select version, state from payments where id = %s", payment
            )
            if state == "pending":
                clerk.decide(payment, version, "credited", credit="purchase", body=body)
            elif state == "credited" and version == 3 and payment < payments[0]:
                clerk.decide(payment, version, "refunded", clawback="clawback")
            clerk.ask(people[version % 5])

    at_once(owners[:16], meddle)

    states = Counter(s for (s,) in owners[0].rows("select state from payments"))
    assert states["credited"] + states["refunded"] == 20


def test_one_number_signed_up_fifty_times(owners: list[Clerk]) -> None:
    """One account and one welcome grant."""
    open_account = "select open_account('+263771234567', 'hash', 5000)"

    users = at_once(owners, lambda clerk: clerk.value(open_account))

    [user] = [one for one in users if one is not None]
    assert owners[0].wallet(user) == (5_000, 0)


def test_one_job_claimed_by_many(owners: list[Clerk]) -> None:
    """One worker has it."""
    asked = owners[0].ask(owners[0].person(500))

    claims = at_once(owners, lambda clerk: clerk.claim(asked.job, str(id(clerk))))

    assert Counter(claims) == {1: 1, None: 49}


def test_sweepers_take_different_jobs(owners: list[Clerk]) -> None:
    """No job is published by two of ten nodes that sweep at the same moment."""
    user = owners[0].person(5_000)
    asked = {owners[0].ask(user).job for _ in range(40)}
    owners[0].rows("update jobs set published_at = '-infinity'")
    due = "select job_id from jobs_to_publish('30 s', 10)"

    swept = at_once(owners[:10], lambda clerk: clerk.rows(due))

    jobs = [job for rows in swept for (job,) in rows]
    assert len(jobs) == len(set(jobs))
    assert set(jobs) <= asked
    rest = owners[0].rows("select job_id from jobs_to_publish('30 s', 100)")
    assert {*jobs, *(job for (job,) in rest)} == asked


def test_sweepers_close_each_hold_once(owners: list[Clerk]) -> None:
    """Several nodes close many people's holds without standing in each other's way."""
    people = [owners[0].person(1_000) for _ in range(5)]
    asked = {
        owners[0].ask(user, ttl=timedelta(0)).answer
        for _ in range(8)
        for user in people
    }
    close = "select answer_id from close_expired(7)"

    rounds = [at_once(owners[:6], lambda clerk: clerk.rows(close)) for _ in range(6)]

    closed = [answer for swept in rounds for rows in swept for (answer,) in rows]
    assert sorted(closed) == sorted(asked)
    assert {owners[0].wallet(user) for user in people} == {(1_000, 0)}


def test_a_sweeper_waits_for_no_text(owners: list[Clerk]) -> None:
    """Text of several answers that is just being stored, and a sweep that closes the
    same answers, cannot wait for each other: the sweep leaves them for its next."""
    writer, sweeper, *_ = owners
    user = writer.person(5_000)
    asked = [writer.ask(user, ttl=timedelta(0)) for _ in range(4)]
    for one in asked:
        writer.claim(one.job, lease=timedelta(0), hold=timedelta(0))
    close = "select answer_id from close_expired(20)"

    sweeper.rows("set lock_timeout = '1s'")
    writer.rows("begin")
    for one in sorted(asked, key=lambda one: one.answer)[2:]:
        writer.append(one.answer, 1, 1)
    swept = sweeper.rows(close)
    for one in sorted(asked, key=lambda one: one.answer)[:2]:
        writer.append(one.answer, 1, 1)
    writer.rows("commit")

    first = sorted(one.answer for one in asked)[:2]
    assert first == sorted(answer for (answer,) in swept)
    assert len(sweeper.rows(close)) == 2
    assert writer.wallet(user) == (5_000, 0)


def test_a_stop_is_never_lost(owners: list[Clerk]) -> None:
    """When a claim comes at the same moment, it knows of the stop or is named to it."""
    user = owners[0].person(5_000)
    claim = "select stop_requested from claim_job(%s, 'writer', '30 s', '15 min')"
    first, second = owners[:2]
    for _ in range(40):
        asked = first.ask(user)

        knows, writer = at_once(
            [first, second],
            lambda clerk: (
                clerk.value(claim, asked.job)  # noqa: B023 - called within the loop
                if clerk is first
                else clerk.value("select request_stop(%s, %s)", asked.answer, user)  # noqa: B023
            ),
        )

        assert knows or writer == "writer"
        first.finish(asked.answer, 1, cost=0)


@pytest.mark.parametrize("seed", range(2))
def test_a_storm_of_everything_locks_nobody_out(owners: list[Clerk], seed: int) -> None:
    """Three wallets, fifty connections, every function: no deadlock, no long wait."""
    people = [owners[0].person(20_000) for _ in range(3)]
    errors: list[str] = []

    def life(clerk: Clerk) -> None:
        number = owners.index(clerk) + seed
        user = people[number % 3]
        for turn in range(6):
            try:
                _one_of_everything(clerk, user, number + turn)
            except psycopg2.OperationalError as error:
                errors.append(f"{error.pgcode}: {error}")

    at_once(owners, life)

    assert errors == []


def _one_of_everything(clerk: Clerk, user: int, number: int) -> None:
    worker = f"worker {number % 4}"
    asked = clerk.ask(user, ttl=timedelta(seconds=number % 2))
    attempt = clerk.claim(asked.job, worker, lease=timedelta(seconds=number % 3))
    clerk.append(asked.answer, attempt or 1, 1)
    clerk.rows("select renew_leases(%s, %s::uuid[], '1 s')", worker, [asked.job])
    match number % 5:
        case 0:
            clerk.rows("select request_stop(%s, %s)", asked.answer, user)
        case 1:
            clerk.rows("select release_leases(%s)", worker)
        case 2:
            clerk.rows("select retry_job(%s, %s, 'x', '0')", asked.job, worker)
        case 3:
            clerk.rows("select close_expired(20)")
            clerk.rows("select jobs_to_publish('0', 20)")
        case 4:
            phone = clerk.value("select phone_e164 from users where id = %s", user)
            grant = "select grant_tokens(%s, %s, 5, 'r')"
            clerk.rows(grant, phone, str(uuid4()))
    clerk.finish(asked.answer, attempt or 1, cost=number % 50)
