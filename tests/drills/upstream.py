"""D20 to D33: the model misbehaves, and everybody gets what they were promised.

Real nodes ask a fake model. D34, a model faster than its reader, is D44's: what a slow
reader does not take waits in PostgreSQL, whoever writes it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

import attrs
import psutil

from tests.drills import splitting
from tests.drills.breaker import circuit
from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.impostor import impostor
from tests.drills.misbehaving import Trial, ask_all, come_to_rest, judge
from tests.drills.mutants import command
from tests.drills.troubles import (
    ENDLESS,
    FLOODS,
    HEARD,
    LEAST_OF_TRIES,
    LONG,
    ROWS,
    SETTINGS,
    Trouble,
)
from tests.system.harness import House, Plan
from zimgpt.embedded import children
from zimgpt.embedded.server import COMMAND

UPSTREAM = (sys.executable, "-m", "tests.drills.remembering")
MEGABYTE = 1_000_000
MOST_GROWTH = 20 * MEGABYTE


@contextmanager
def _house(servers: Servers, plan: Plan) -> Iterator[House]:
    with (
        servers.database() as database,
        House(database, nodes=[plan], upstream=UPSTREAM, **SETTINGS) as house,
    ):
        yield house
        come_to_rest(house)


def _starts(order: Order, mutant: str) -> Plan:
    return Plan("only", command=command(mutant) if order.control else COMMAND)


def _result(trials: Sequence[Trial], faults: Sequence[str]) -> Result:
    slowest = max((trial.seconds for trial in trials), default=0.0)
    figure = f"{len(trials)} questions, {len(faults)} amiss, slowest {slowest:.1f} s"
    return Result(figure, tuple(faults))


def rows(id: str, mutant: str, servers: Servers, order: Order) -> Result:
    """The rows of one drill."""
    with _house(servers, _starts(order, mutant)) as house:
        url = house["only"].url
        trials = ask_all(url, ROWS[id], order.trials, slack=order.slack)
        return _result(trials, judge(house, trials))


def all_rows(servers: Servers, order: Order) -> Result:
    """Those of all drills together, at the same time."""
    together = [row for rows in ROWS.values() for row in rows]
    with _house(servers, _starts(order, "skip-errors")) as house:
        url = house["only"].url
        trials = ask_all(url, together, order.trials, slack=order.slack)
        return _result(trials, judge(house, trials))


# ---- D20


def nobody_there(servers: Servers, order: Order) -> Result:
    """No connection can be made, in three ways at the same time."""
    row = Trouble(
        wish="hello", finish="unreachable", calls=0, least=LEAST_OF_TRIES, most=HEARD
    )
    trials: list[Trial] = []
    faults: list[str] = []
    (unused,) = children.free_ports(1)
    with impostor() as (secure, certificate), ExitStack() as ends:
        trusting = ("env", f"SSL_CERT_FILE={certificate}")
        start = _starts(order, "try-once")
        for url, why in (
            (f"http://127.0.0.1:{unused}/v1", "ConnectionRefusedError"),
            ("http://model.invalid/v1", "DNSLookupError"),
            (secure, "VerificationError"),
        ):
            plan = attrs.evolve(
                start,
                settings={"model_url": url},
                command=(*trusting, *start.command),
            )
            house = ends.enter_context(_house(servers, plan))
            only = house["only"].url
            asked = ask_all(only, [row], order.trials, slack=order.slack)
            trials += asked
            faults += judge(house, asked)
            if why not in house["only"].log():
                faults.append(f"the log does not say {why}")
            house["only"].end()
    return _result(trials, faults)


# ---- D31


def floods(servers: Servers, order: Order) -> Result:
    """More than anybody can read, while the node's memory is watched."""
    start = _starts(order, "read-without-bound")
    wild = [ENDLESS] if order.control else FLOODS
    plan = attrs.evolve(start, settings={"whole_seconds": LONG})
    with _house(servers, plan) as house:
        node = house["only"]
        ask_all(node.url, [Trouble(wish="words:200")], 5)
        with _watched(node.child.process.pid) as growth:
            trials = [
                trial
                for number in range(order.trials)
                for trial in ask_all(node.url, wild, 1, first=number)
            ]
        faults = judge(house, trials)
        if growth() > MOST_GROWTH:
            faults.append(f"the node grew by {growth() // MEGABYTE} MB")
        result = _result(trials, faults)
        figure = f"{result.figure}, node grew by {growth() / MEGABYTE:.1f} MB"
        return attrs.evolve(result, figure=figure)


@contextmanager
def _watched(pid: int) -> Iterator[Callable[[], int]]:
    """By how many bytes a process has grown at most since the beginning."""
    process = psutil.Process(pid)
    before = process.memory_info().rss
    seen = [before]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            seen.append(process.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield lambda: max(seen) - before
    finally:
        over.set()
        thread.join()


# ---- the table


def _drill(id: str, promise: str, mutant: str, what: str, symptom: str) -> Drill:
    return Drill(
        id=id,
        promise=promise,
        run=partial(rows, id, mutant),
        trials=20,
        quick=0,
        mutant=what,
        symptom=symptom,
        control_trials=2,
        seconds=25,
    )


DRILLS = (
    Drill(
        id="D20",
        promise="A model that cannot be reached is tried four times, told within 15 s,"
        " and costs nothing.",
        run=nobody_there,
        trials=20,
        quick=0,
        mutant="nothing is tried again",
        symptom="too early",
        control_trials=1,
        seconds=40,
    ),
    _drill(
        "D21",
        "A busy model is asked again when it said, if that is soon; otherwise its asker"
        " hears that it is busy.",
        "ignore-retry-after",
        "Retry-After is ignored",
        "too early",
    ),
    _drill(
        "D22",
        "An error of the upstream is tried again, and free if it stays.",
        "try-once",
        "nothing is tried again",
        "the model was asked 1 times",
    ),
    Drill(
        id="D22-circuit",
        promise="A model that fails ten times is left alone, and found again.",
        run=circuit,
        trials=20,
        quick=1,
        mutant="failures are not counted",
        symptom="the circuit is closed",
        control_trials=1,
        seconds=100,
    ),
    _drill(
        "D23",
        "A model that does not begin is given up, and costs nothing.",
        "wait-for-first-byte",
        "it is waited for",
        "no end within",
    ),
    _drill(
        "D24",
        "An answer that falls silent or breaks is kept and paid for as far as it came.",
        "wait-for-next-byte",
        "it is waited for",
        "no end within",
    ),
    _drill(
        "D25",
        "A stream cut anywhere ends as interrupted, with no broken letter.",
        "take-any-end-for-whole",
        "any end is taken for the answer's",
        "finish is stop",
    ),
    Drill(
        id="D26",
        promise="However a stream is split into reads and lines, its text is the same.",
        run=splitting.run,
        trials=20,
        quick=2,
        mutant="each read is decoded on its own",
        symptom="another text",
        control_trials=1,
        seconds=20,
    ),
    _drill(
        "D27",
        "What is not understood is passed over; broken JSON ends the answer there.",
        "skip-broken-json",
        "broken JSON is passed over",
        "finish is stop",
    ),
    _drill(
        "D28",
        "An error inside the stream ends the answer there, and is not paid for.",
        "skip-errors",
        "it is passed over",
        "finish is stop",
    ),
    _drill(
        "D29",
        "A use that cannot be is not charged: an estimate is, and the log tells.",
        "believe-any-use",
        "any use is believed",
        "its use is upstream",
    ),
    _drill(
        "D30",
        "What is no stream is no answer, and no redirect is followed.",
        "follow-redirects",
        "redirects are followed",
        "a redirect was followed",
    ),
    Drill(
        id="D31",
        promise="A line, a bomb or a flood without end is cut, and memory stays flat.",
        run=floods,
        trials=2,
        quick=0,
        mutant="a line may be of any length",
        symptom="the node grew",
        control_trials=1,
        seconds=110,
    ),
    _drill(
        "D32",
        "Why the model ended is stored and shown.",
        "take-any-reason-for-an-end",
        "any reason is taken for a plain end",
        "finish is stop",
    ),
    _drill(
        "D33",
        "An answer that drips for ever is cut after its whole time.",
        "wait-for-the-end",
        "it may take for ever",
        "no end within",
    ),
    Drill(
        id="D21-D33",
        promise="All of these together do not disturb each other.",
        run=all_rows,
        trials=3,
        quick=1,
        mutant="an error in the stream is passed over",
        symptom="finish is stop",
        control_trials=1,
        seconds=25,
    ),
)
