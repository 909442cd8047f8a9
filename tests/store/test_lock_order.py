"""Payments, answers and webhooks about a few people: nobody waits in a circle."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import attrs
import psycopg2
import pytest

from tests.store.clerk import LEASE, Clerk
from tests.store.postbox import Postbox, receive, status

PEOPLE = 4
THREADS = 12
ROUNDS = 40
"""Of each thread: some two thousand commits in all, whoever has to wait for whom."""

OPEN = """
    select outcome from open_payment(
      %s, %s, %s, 'whatsapp', %s, %s, 'taste', 1, null, 50,
      'USD', 10000, 'ecocash', '+263771234567', 1000000)
"""
SOME = "select broadcast_some(%s, 8)"
LANE = "select id from jobs where kind = 'wa_send' and ref = %s for update"
WAITS = "select exists (select from pg_locks where pid = %s and not granted)"
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"


def begin_broadcast(clerk: Clerk, id: str) -> None:
    """Words to everybody who wrote of late, of whom nobody has them yet."""
    begin = "select begin_broadcast(%s, %s, true, false, '1 day', 'me', 'news')"
    assert clerk.value(begin, id, '{"en": {"text": "News."}}') == "begun"


@attrs.define
class Somebody:
    """Work of one thread at its own connection, on people that all threads share."""

    clerk: Clerk
    people: list[Postbox]
    users: list[int]
    dice: random.Random
    worker: str

    def anything(self) -> None:
        """One of all that happens to them."""
        one, other = self.dice.sample(range(len(self.people)), 2)
        act = self.dice.choice(
            (
                *(self.pay, self.answer, self.answer, self.lose, self.work),
                *(self.expire, self.move, self.call),
            )
        )
        act(one, other)

    def pay(self, one: int, other: int) -> None:
        """Somebody pays in the chat, perhaps for somebody else."""
        id, user = str(uuid4()), self.dice.choice((self.users[one], self.users[other]))
        given = (id, user, self.users[one], id, f"ZG-{id[:8]}")
        assert self.clerk.value(OPEN, *given) == "opened"
        self.clerk.decide(id, 1, "pending", word="Created", matched=False)
        self.clerk.decide(id, 2, "credited", credit="purchase")
        if self.dice.random() < 0.3:
            self.clerk.decide(id, 3, "refunded", clawback="clawback", word="Refunded")

    def asked(self, one: int, ttl: timedelta = LEASE) -> tuple[str, str]:
        """A question of theirs, whose answer will be brought to them."""
        asked = self.clerk.ask(self.users[one], ttl=ttl)
        person = self.people[one]
        says = [{"id": str(uuid4()), "message": None, "answer": asked.answer}]
        person.step(person.write(), says=says)
        return asked.answer, asked.job

    def answer(self, one: int, _other: int) -> None:
        """An answer ends, while its worker renews all that it has."""
        answer, job = self.asked(one)
        attempt = self.clerk.claim(job, self.worker) or 1
        lanes = [str(id) for (id,) in self.clerk.rows("select id from jobs limit 20")]
        renew = "select renew_leases(%s, %s::uuid[], '9 s')"
        self.clerk.rows(renew, self.worker, [job, *lanes])
        self.clerk.finish(answer, attempt, cost=10)

    def lose(self, one: int, other: int) -> None:
        """One webhook tells that answers of two people can never be delivered, and
        that they write."""
        parts = []
        for which in (one, other):
            asked = self.clerk.answered(self.users[which], cost=10)
            parts.append((which, self.people[which].part(asked.answer)))
        news = [
            status(
                f"w.{part}",
                "failed",
                part,
                code=131026,
                error="x",
                **{"class": "final"},
            )
            for _, part in parts
        ]
        receive(self.clerk, *news, *(self.people[which].item() for which, _ in parts))

    def work(self, one: int, _other: int) -> None:
        """A worker takes lanes, and lets them rest or dies."""
        for kind in ("wa_inbound", "wa_send"):
            lane = self.people[one].claim(kind, self.worker)
            if lane is not None and self.dice.random() < 0.8:
                finish = "select finish_lane(%s, %s, null)"
                self.clerk.rows(finish, lane.job, self.worker)
        if self.dice.random() < 0.2:
            self.clerk.rows("select release_leases(%s)", self.worker)

    def expire(self, one: int, other: int) -> None:
        """Answers of several people that nobody writes are closed in one commit."""
        self.asked(one, timedelta(0))
        self.asked(other, timedelta(0))
        self.clerk.rows("select close_expired(20)")

    def move(self, one: int, other: int) -> None:
        """A number has another holder, or its old one writes from a new number; the
        webhook that says so has words of somebody else, too."""
        person = self.people[one]
        number = "select phone from whatsapp_contacts where id = %s"
        phone = self.clerk.value(number, person.contact)
        new = Postbox.of(self.clerk)
        if phone is None:
            moved = attrs.evolve(person, phone=new.phone)
        else:
            moved = attrs.evolve(new, phone=phone)
        receive(self.clerk, moved.item(), self.people[other].item())

    def call(self, _one: int, _other: int) -> None:
        """An operator has something to say to everybody."""
        begin_broadcast(self.clerk, id := str(uuid4()))
        self.clerk.rows(SOME, id)


@pytest.fixture
def people(clerk: Clerk) -> tuple[list[Postbox], list[int]]:
    """A few, with an account each."""
    people = [Postbox.of(clerk) for _ in range(PEOPLE)]
    for person in people:
        person.outgoing()
    return people, [person.account(100_000)[0] for person in people]


def test_wallets_and_lanes_are_locked_in_one_order(
    database: str, clerk: Clerk, people: tuple[list[Postbox], list[int]]
) -> None:
    """Whatever happens to four people at twelve connections at once, no two commits
    wait for each other."""
    seed = random.randrange(10**6)

    def life(number: int) -> list[str]:
        errors = []
        with Clerk(database) as own:
            boxes = [attrs.evolve(one, clerk=own) for one in people[0]]
            dice = random.Random(seed * 100 + number)
            somebody = Somebody(own, boxes, people[1], dice, f"worker {number % 3}")
            for _ in range(ROUNDS):
                try:
                    somebody.anything()
                except psycopg2.OperationalError as error:
                    errors.append(f"{error.pgcode}: {str(error)[:300]}")
        return errors

    with ThreadPoolExecutor(THREADS) as threads:
        lives = list(threads.map(life, range(THREADS)))

    assert Counter(error for errors in lives for error in errors) == {}, seed
    assert clerk.value(DEADLOCKS) == 0


Telling = Callable[[Clerk, list[int]], object]


def tell_everybody(clerk: Clerk, _users: list[int]) -> None:
    """Words of an operator, to all."""
    begin_broadcast(clerk, "news")
    clerk.rows(SOME, "news")


def tell_payer_and_user(clerk: Clerk, users: list[int]) -> None:
    """The first has paid for the second, and both hear of it."""
    id = str(uuid4())
    assert clerk.value(OPEN, id, users[1], users[0], id, "ZG-GIFT") == "opened"
    clerk.decide(id, 1, "credited", credit="purchase")


@pytest.mark.parametrize("tell", [tell_everybody, tell_payer_and_user])
def test_who_tells_several_holds_on_to_all_before_a_lane(
    database: str,
    clerk: Clerk,
    people: tuple[list[Postbox], list[int]],
    tell: Telling,
) -> None:
    """A commit that tells two people of something, and has to wait for the lane of one,
    lets a webhook that gives away the number of the other wait and not deadlock."""
    (first, second), users = people[0][:2], people[1]
    sent = first.outgoing()
    holder = psycopg2.connect(database)
    with (
        contextlib.closing(holder),
        holder.cursor() as cursor,
        Clerk(database) as teller,
        Clerk(database) as hearer,
        ThreadPoolExecutor(2) as threads,
    ):
        cursor.execute(LANE, (str(first.contact),))
        tells = threads.submit(tell, teller, users)
        wait_until_blocked(clerk, teller, tells)
        moved = attrs.evolve(Postbox.of(hearer), phone=second.phone)
        news = (moved.item(), status("w.1", "sent", sent))
        hears = threads.submit(receive, hearer, *news)
        wait_until_blocked(clerk, hearer, hears)
        holder.rollback()
        tells.result()
        assert hears.result() == 2


def wait_until_blocked(clerk: Clerk, other: Clerk, work: Future[Any]) -> None:
    """Returns when the other's work waits for somebody's lock."""
    while not clerk.value(WAITS, other.pid):
        assert not work.done(), work.result()
