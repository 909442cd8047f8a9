"""D39b: one of two nodes has a time of day that is ten minutes off, and jumps.

Meanwhile it renews leases, holds tokens, locks out a guesser and lets sessions end.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.mutants import command
from tests.drills.streams import Stream, books, people
from tests.system.harness import House, Plan, wait_until
from tests.system.people import PASSWORD, Person, call
from zimgpt.store import invariants

STREAMS = 20
WORDS, DELAY = 60, 150  # nine seconds: several jumps
LEASE = 3.0
HOLD = 0.25  # minutes
SESSION = 5.0  # seconds that a session has left
EARLY, LATE = 0.3, 1.0  # seconds by which an answer may be on its way
REST = 90.0


def jumps(servers: Servers, order: Order) -> Result:
    """All deadlines at once, as often as there are trials."""
    wrong = command("believed-clock" if order.control else "jumping-clock")
    faults: list[str] = []
    with (
        servers.database() as database,
        House(
            database,
            nodes=[Plan("right"), Plan("wrong", command=wrong)],
            broker=servers.rabbitmq.vhost(),
            lease_seconds=LEASE,
            hold_minutes=HOLD,
        ) as house,
    ):
        for _ in range(order.trials):
            faults += _trial(house, 15 if order.control else 60)
        again = books(house).again
        harmed = again + sum(" shows " in fault or "lost" in fault for fault in faults)
        if harmed:
            faults.insert(0, f"{harmed} answers cut short or begun again")
        if not order.control:
            _rest(house)
    return Result(f"{order.trials * STREAMS} streams, {again} begun again", (*faults,))


def _trial(house: House, patience: float) -> list[str]:
    urls = [node.url for node in house.nodes.values()]
    faults: list[str] = []
    streams = [
        Stream(who, urls, WORDS, DELAY) for who in people(house, STREAMS, urls[0])
    ]
    for one in streams:
        one.start(patience)
    others = [_beside(_lock, urls, faults), _beside(_session(house), urls, faults)]
    for one in streams:
        one.join()
    for other in others:
        other.join()
    return faults + [fault for one in streams for fault in one.faults()]


def _beside(
    what: Callable[[Sequence[str]], list[str]], urls: Sequence[str], faults: list[str]
) -> threading.Thread:
    def run() -> None:
        try:
            faults.extend(what(urls))
        except Exception as error:  # a drill tells what broke
            faults.append(f"{type(error).__name__}: {error}")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def _lock(urls: Sequence[str]) -> list[str]:
    """Seven wrong passwords lock for four seconds, wherever they are tried."""
    person, turns = Person.sign_up(urls[0]), itertools.cycle(urls)
    for wait in (0, 0, 0, 0, 0, 1.1, 2.1):
        time.sleep(wait)
        asked = time.monotonic()
        if _sign_in(next(turns), person, "not my password") != 401:
            return ["a guess was not looked at in its time"]
    until = time.monotonic() + 4.0
    while until - time.monotonic() > EARLY:
        status = _sign_in(next(turns), person, PASSWORD)
        # It began when it was asked or later, and this was seen now or sooner.
        left = asked + 4.0 - time.monotonic()
        if status < 400 and left > EARLY:
            return [f"a lock ended {left:.1f} s too early"]
        time.sleep(0.3)
    time.sleep(max(until + EARLY - time.monotonic(), 0))
    if _sign_in(next(turns), person, PASSWORD) >= 400:
        return ["a lock lasted too long"]
    return []


def _sign_in(url: str, person: Person, password: str) -> int:
    body = {"phone": person.phone, "password": password, "token": True}
    return call(url, "POST", "/api/v1/sessions", body).status


def _session(house: House) -> Callable[[Sequence[str]], list[str]]:
    """A session ends when it must, and no sooner, at every node."""

    def ends(urls: Sequence[str]) -> list[str]:
        [person] = people(house, 1, urls[0])
        house.query(
            "update sessions set expires_at = now() + %s where user_id = (select id"
            " from users where phone_e164 = %s)",
            timedelta(seconds=SESSION),
            f"+263{person.phone[1:]}",
        )
        began = time.monotonic()
        while (age := time.monotonic() - began) < SESSION + LATE + 1:
            for url in urls:
                status = person.at(url).call("GET", "/api/v1/me").status
                told = time.monotonic() - began
                if told < SESSION - EARLY - 0.5 and status != 200:
                    return [f"a session ended after {told:.1f} s: {status}"]
                if age > SESSION + LATE and status != 401:
                    return [f"a session lived for {age:.1f} s: {status}"]
            time.sleep(0.3)
        return []

    return ends


def _rest(house: House) -> None:
    wait_until(lambda: not invariants.violations(house.database, at_rest=True), REST)


DRILLS = (
    Drill(
        id="D39b",
        promise="Leases, holds, locks and sessions end in time whatever a node's clock"
        " says.",
        run=jumps,
        trials=5,
        quick=1,
        mutant="a node whose timers go by the time of day",
        symptom="answers cut short or begun again",
        control_trials=1,
        seconds=70,
    ),
)
