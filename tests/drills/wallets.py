"""D17, D19: fifty connections want the same wallet at the same moment.

They speak to PostgreSQL directly, by the functions that nodes call, so that nothing
stands between them and each other's locks.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from threading import Barrier
from typing import Any, TypeVar
from uuid import uuid4

import psycopg2
from psycopg2.errorcodes import DEADLOCK_DETECTED, LOCK_NOT_AVAILABLE

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.figures import p99
from tests.drills.mutants import wallets as mutants
from tests.store.clerk import HOLDING, Asked, Clerk

T = TypeVar("T")

MANY = 50
EACH = 4  # questions that one of them asks before it ends them
CROWDED = 2.0  # seconds: what the slowest statement in a hundred may take
BUSY = 10.0  # the same beside other tests
AT_ONCE = timedelta(0)
APPEND = "select append_chunks(%s::uuid[], %s::int[], %s::int[], %s)"


class Stopwatch(Clerk):
    """A connection as patient as a node's, which notes how long each answer takes."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.seconds: list[float] = []
        super().rows("set lock_timeout = '2s'")

    def rows(self, sql: str, *params: object, **named: object) -> list[tuple[Any, ...]]:
        """Rows of one statement."""
        began = time.monotonic()
        try:
            return super().rows(sql, *params, **named)
        finally:
            self.seconds.append(time.monotonic() - began)


def storm(servers: Servers, order: Order) -> Result:
    """Every function at once, on one wallet, in every order."""
    with servers.database() as database, Clerk(database, superuser=True) as owner:
        if order.control:
            owner.rows(mutants.backwards(owner.value(mutants.POST_TRANSFER)))
        user = owner.person(100_000_000)
        with _clerks(lambda: Stopwatch(database)) as clerks:
            lives = [
                _Life(clerk, user, random.Random(order.seed * MANY + number))
                for number, clerk in enumerate(clerks)
            ]
            _at_once(lives, lambda life: life.live(order.trials))
            seconds = [each for clerk in clerks for each in clerk.seconds]
        owner.rows("update outbox set confirmed_at = now()")
    codes = Counter(code for life in lives for code in life.errors)
    return _stormy(codes, seconds, brief=order.trials < MANY)


def _stormy(codes: Counter[str], seconds: Sequence[float], *, brief: bool) -> Result:
    """Beside other tests a lock may not be had in time: that is told, and no fault."""
    slow = p99(seconds)
    grave = {c: n for c, n in codes.items() if not (brief and c == LOCK_NOT_AVAILABLE)}
    faults = [f"{number} errors {code}" for code, number in grave.items()]
    if slow >= (BUSY if brief else CROWDED):
        faults.append(f"the slowest statement in a hundred took {slow:.2f} s")
    figure = (
        f"{len(seconds)} statements, {codes[DEADLOCK_DETECTED]} deadlocks,"
        f" {codes[LOCK_NOT_AVAILABLE]} locks not had, p99 {slow * 1000:.0f} ms"
    )
    return Result(figure, tuple(faults))


class _Life:
    """What one connection does again and again, in an order of its own."""

    def __init__(self, clerk: Clerk, user: int, chance: random.Random) -> None:
        self._clerk = clerk
        self._user = user
        self._chance = chance
        self.errors: list[str] = []

    def live(self, turns: int) -> None:
        """Some questions a turn, from being asked to their end."""
        for _ in range(turns):
            asked = [
                one
                for one in (self._try(self._ask) for _ in range(EACH))
                if one is not None and one.outcome == "accepted"
            ]
            taken = [(one, self._try(self._claim, one.job) or 0) for one in asked]
            self._chance.shuffle(taken)
            self._try(self._append, [(one.answer, epoch) for one, epoch in taken])
            self._try(self._meddle)
            for one, epoch in taken:
                self._end(one.answer, epoch)

    def _try(self, work: Callable[..., T | None], *given: object) -> T | None:
        try:
            return work(*given)
        except psycopg2.Error as error:
            self.errors.append(error.pgcode or type(error).__name__)
            return None

    def _end(self, answer: str, epoch: int) -> None:
        """A node insists, so that a lock that was not had leaves nothing behind."""
        for _ in range(5):
            before = len(self.errors)
            self._try(self._finish, answer, epoch)
            if len(self.errors) == before:
                return

    def _finish(self, answer: str, epoch: int) -> int | None:
        return self._clerk.finish(answer, epoch, cost=self._chance.randrange(50))

    def _ask(self) -> Asked:
        soon = AT_ONCE if self._chance.random() < 0.5 else timedelta(minutes=5)
        return self._clerk.ask(self._user, ttl=soon)

    def _claim(self, job: str) -> int | None:
        lease = AT_ONCE if self._chance.random() < 0.5 else timedelta(seconds=30)
        return self._clerk.claim(job, self._worker, lease=lease, hold=AT_ONCE)

    def _append(self, taken: Sequence[tuple[str, int]]) -> None:
        answers = [answer for answer, _ in taken]
        epochs = [epoch for _, epoch in taken]
        ones = [1] * len(taken)
        self._clerk.rows(APPEND, answers, epochs, ones, ["word "] * len(taken))

    def _meddle(self) -> None:
        """What others do meanwhile: sweepers, and people who pay or are given."""
        clerk = self._clerk
        match self._chance.randrange(4):
            case 0:
                clerk.rows("select close_expired(20)")
            case 1:
                clerk.rows("select jobs_to_publish('0', 20)")
            case 2:
                clerk.rows("select release_leases(%s)", self._worker)
            case 3:
                phone = "select phone_e164 from users where id = %s"
                clerk.rows(
                    "select grant_tokens(%s, %s, 5, 'r')",
                    clerk.value(phone, self._user),
                    str(uuid4()),
                )

    @property
    def _worker(self) -> str:
        return f"worker {self._chance.randrange(4)}"


def last_token(servers: Servers, order: Order) -> Result:
    """Fifty spends of the last tokens, credits of a payment, settlements of a hold."""
    faults: list[str] = []
    done: Counter[str] = Counter()
    with servers.database() as database, Clerk(database, superuser=True) as owner:
        if order.control:
            owner.rows(mutants.unlocked(owner.value(mutants.SETTLE)))
        with (
            _clerks(lambda: Clerk(database, superuser=True)) as clerks,
            _Crowd(clerks) as crowd,
        ):
            for _ in range(order.trials):
                faults += _one_of_each(crowd, owner, done)
        owner.rows("update outbox set confirmed_at = now()")
    figure = f"{MANY} at once: {done['spent']} spent, {done['credited']} credited,"
    return Result(f"{figure} {done['settled']} settled", tuple(faults))


class _Crowd:
    """Threads with a connection each."""

    def __init__(self, clerks: Sequence[Clerk]) -> None:
        self._clerks = clerks
        self._threads = ThreadPoolExecutor(len(clerks))
        self._barrier = Barrier(len(clerks))

    def __enter__(self) -> _Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown()

    def all(self, work: Callable[[int, Clerk], object]) -> list[object]:
        """What each one's work gives, begun by all at once; an error is its name."""

        def one(number: int, clerk: Clerk) -> object:
            self._barrier.wait()
            try:
                return work(number, clerk)
            except psycopg2.Error as error:
                return type(error).__name__

        return list(self._threads.map(one, range(len(self._clerks)), self._clerks))


def _one_of_each(crowd: _Crowd, owner: Clerk, done: Counter[str]) -> Iterator[str]:
    user, client = owner.person(HOLDING), str(uuid4())
    answers: dict[int, Asked] = {}

    def ask(number: int, clerk: Clerk) -> object:
        answers[number] = clerk.ask(user, client_id=f"{client}-{number}")
        return answers[number].outcome

    spent = Counter(crowd.all(ask))
    done["spent"] += spent["accepted"]
    if spent != {"accepted": 1, "insufficient": MANY - 1}:
        yield f"spends of the last tokens: {dict(spent)}"
    for asked in answers.values():
        if asked.outcome == "accepted":
            yield from _settled(crowd, owner, asked, done)
    payment = owner.pay(user)
    credited = Counter(
        crowd.all(
            lambda _, clerk: clerk.decide(payment, 2, "credited", credit="purchase")
        )
    )
    done["credited"] += credited[3]
    if credited != {3: 1, None: MANY - 1}:
        yield f"credits of one payment: {dict(credited)}"


def _settled(
    crowd: _Crowd,
    owner: Clerk,
    asked: Asked,
    done: Counter[str],
) -> Iterator[str]:
    epoch = owner.claim(asked.job)
    settle = "select settle(%s, %s)"
    told = {*crowd.all(lambda cost, one: one.value(settle, asked.answer, cost + 1))}
    ((times, charged),) = owner.rows(
        "select (select count(*) from transfers where idem_key = 'settle:' || %(a)s),"
        "       (select settled from reservations where answer_id = %(a)s)",
        a=asked.answer,
    )
    done["settled"] += times
    if times != 1 or told != {charged}:
        yield f"one hold was settled {times} times, told of charges {told}"
    owner.finish(asked.answer, epoch or 0)


def _at_once(lives: Sequence[T], work: Callable[[T], None]) -> None:
    with ThreadPoolExecutor(len(lives)) as threads:
        list(threads.map(work, lives))


C = TypeVar("C", bound=Clerk)


@contextmanager
def _clerks(new: Callable[[], C]) -> Iterator[list[C]]:
    with ExitStack() as ends:
        clerks = [new() for _ in range(MANY)]
        for clerk in clerks:
            ends.push(clerk)
        yield clerks


DRILLS = (
    Drill(
        id="D17",
        promise="However many want one wallet at once, nobody is locked out for ever.",
        run=storm,
        trials=100,
        quick=3,
        mutant="a transfer locks its accounts the other way round",
        symptom=f"errors {DEADLOCK_DETECTED}",
        control_trials=2,
        seconds=100,
    ),
    Drill(
        id="D19",
        promise="Fifty at once spend the last token once, credit once, settle once.",
        run=last_token,
        trials=1000,
        quick=15,
        mutant="a settlement does not lock the hold that it closes",
        symptom="told of charges",
        control_trials=15,
        seconds=120,
    ),
)
