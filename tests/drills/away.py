"""PAY-db, PAY-broker and PAY-outage: what payments need is away while people pay."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPException
from itertools import cycle
from typing import Final

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.paying import Books, books, customers, insist, settled
from tests.drills.shopping import (
    FEW,
    IN_TIME,
    PATIENCE,
    amiss,
    answers,
    begin,
    known,
    patience,
    shop_of,
)
from tests.system.harness import wait_until
from tests.system.people import Person
from tests.system.till import Shop, wish

MINUTE: Final = 60.0
SOME: Final = 10  # payments that are begun while something is away
PROMPTED: Final = 2.0  # seconds after which all have been told of their prompts
STEP: Final = 30.0  # seconds by which both clocks are moved at a time
LONG: Final = 600.0  # seconds for which the gateway answers nothing good
BEATS: Final = 2.5  # seconds of ours between two steps
AFTER: Final = 420.0
"""Seconds after that in which all must be credited by themselves: somebody who stands
there asks sooner, and when the answers come back the next look may be five minutes off,
and the gateway be left alone for fifteen seconds of ours."""
KINDS: Final = ("500", "html", "reset", "502", "hang")
OLDER: Final = """
    update payments set created_at = created_at - v, sent_at = sent_at - v,
           looked_at = looked_at - v, hinted_at = hinted_at - v,
           next_poll_at = next_poll_at - v
      from make_interval(secs => %s) v
"""
"""As if so many seconds had passed for every payment."""


# ---- PostgreSQL and RabbitMQ


def database(servers: Servers, order: Order) -> Result:
    """PostgreSQL crashes and stays away; people approve meanwhile, and are told of."""
    with shop_of(servers, order, "only", mutant="take-anything") as shop:
        people = customers(shop.house["only"].url, -(-order.trials // FEW))
        references = begin(shop, people, order.trials)
        sooner, later = references[: order.trials // 5], references[order.trials // 5 :]
        time.sleep(PROMPTED)
        wait_until(lambda: shop.till.state()["idle"], PATIENCE, "calls of prompts")
        before = Counter(answers(shop, later))
        for reference in sooner:
            shop.till.act(reference, "approve")
        servers.postgres.stop(immediate=True)
        _approve(shop, later, 5.0 if order.control else MINUTE)
        refused = _refused(people)
        told = Counter(answers(shop, later)) - before
        servers.postgres.start()
        back = time.time()
        found = settled(shop.house, shop.till, patience(order))
        slowest = _credited(shop) - back
    wrong = [f"calls were answered {c} and not kept" for c in told if 0 < c < 500]
    if refused != {503}:
        wrong.append(f"new payments were answered {refused}")
    if slowest > IN_TIME:
        wrong.append(f"one waited {slowest:.0f} s")
    figure = (
        f"{len(found.paid)} paid, {found.credited} credited, the last {slowest:.0f} s"
        f" after its return, calls meanwhile answered {dict(told)}"
    )
    return Result(figure, (*amiss(found), *wrong))


def broker(servers: Servers, order: Order) -> Result:
    """RabbitMQ is killed and stays away; calls of every second payment are lost."""
    with shop_of(servers, order, "left", "right") as shop:
        people = customers(shop.house["left"].url, -(-order.trials // FEW))
        shop.till.control("trouble", lost=True, times=order.trials // 2)
        references = begin(shop, people, order.trials)
        time.sleep(10.0)  # or its queues may not come back
        servers.rabbitmq.kill()
        began = time.monotonic()
        new = _begun(shop, customers(shop.house["right"].url, SOME // FEW))
        _approve(shop, [*references, *new], 5.0 if order.control else 0.8 * MINUTE)
        left = MINUTE - (time.monotonic() - began)
        time.sleep(0.0 if order.control else max(0.0, left))
        early = books(shop.house, shop.till).credited
        servers.rabbitmq.start()
        found = settled(shop.house, shop.till, patience(order))
    figure = (
        f"{len(found.paid)} paid while it was away, {len(new)} of them begun then;"
        f" {early} credited by its return, {found.credited} in all, slowest"
        f" {max(found.waits(), default=0):.0f} s"
    )
    return Result(figure, amiss(found, late=IN_TIME))


def _approve(shop: Shop, references: Sequence[str], seconds: float) -> None:
    """Pays them one after the other, over so long a time."""
    for reference in references:
        shop.till.act(reference, "approve")
        time.sleep(seconds / len(references))


def _begun(shop: Shop, people: Sequence[Person]) -> list[str]:
    """References of new payments; both nodes are asked for them."""
    urls = [node.url for node in shop.house.nodes.values()]
    made = [
        insist(people[turn % len(people)], urls[turn % 2 :], wish(), 10.0)["reference"]
        for turn in range(SOME)
    ]
    end = time.monotonic() + PATIENCE
    while not set(made) <= known(shop) and time.monotonic() < end:
        time.sleep(0.1)
    return made


def _refused(people: Sequence[Person]) -> set[int]:
    """How new payments are answered."""
    statuses = set()
    for person in people[:3]:
        with suppress(OSError, HTTPException):
            reply = person.call("POST", "/api/v1/payments", wish())
            statuses.add(reply.status)
    return statuses


def _credited(shop: Shop) -> float:
    """When the last one was credited, in Unix seconds."""
    sql = (
        "select coalesce(max(extract(epoch from credited_at)), 0)::float8 from payments"
    )
    [(last,)] = shop.house.query(sql)
    return float(last)


# ---- the gateway


def outage(servers: Servers, order: Order) -> Result:
    """Ten minutes in which the gateway answers nothing good, in five ways, while people
    pay and others try to; its clock and the payments' are moved on together."""
    with shop_of(servers, order, "only", mutant="miss-once") as shop:
        shop.till.control("habits", prompt_until=1e6)
        people = customers(shop.house["only"].url, -(-order.trials // FEW))
        references = begin(shop, people, order.trials)
        steps = int(LONG / STEP)
        for step, kind in zip(range(steps), cycle(KINDS), strict=False):
            shop.till.control("outage", kind=kind, seconds=LONG)
            for reference in references[step::steps]:
                shop.till.act(reference, "approve")
            if step == 1:
                _tried(shop)
            _pass(shop)
        shop.till.control("outage", kind="")
        early = books(shop.house, shop.till).credited
        found, after = _comes_right(shop, 60.0 if order.control else AFTER)
    figure = (
        f"{len(found.paid)} paid in it, {early} credited in it, {found.credited} within"
        f" {after:.0f} s after it, {len(found.here) - len(found.there)} begun in it and"
        f" never asked for again"
    )
    return Result(figure, amiss(found))


def _tried(shop: Shop) -> None:
    """Some begin payments that the gateway does not hear of."""
    url = shop.house["only"].url
    for person in customers(url, SOME // FEW):
        for _ in range(FEW):
            insist(person, [url], wish(), 10.0)


def _pass(shop: Shop) -> None:
    """Time passes for both, and we are given some to do what is due."""
    shop.till.control("hurry", seconds=STEP)
    shop.house.query(OLDER, STEP)
    time.sleep(BEATS)


def _comes_right(shop: Shop, most: float) -> tuple[Books, float]:
    """The books when all is credited, and after how long by the gateway's clock."""
    passed = 0.0
    found = books(shop.house, shop.till)
    while any("not credited" in fault for fault in found.faults()) and passed < most:
        _pass(shop)
        passed += STEP + BEATS
        found = books(shop.house, shop.till)
    return found, passed


DRILLS = (
    Drill(
        id="PAY-db",
        promise="PostgreSQL is away for a minute while people pay: no call is taken"
        " that is not kept, and all is credited within a minute of its return.",
        run=database,
        trials=40,
        quick=0,
        mutant="a call is answered 200 whether it was kept or not",
        symptom="and not kept",
        control_trials=5,
        seconds=120,
    ),
    Drill(
        id="PAY-broker",
        promise="RabbitMQ is away for a minute: payments are begun, and credited in"
        " time, as if it were there.",
        run=broker,
        trials=40,
        quick=0,
        mutant="the gateway is never asked how a payment stands",
        symptom="is paid and not credited",
        control_trials=5,
        seconds=140,
    ),
    Drill(
        id="PAY-outage",
        promise="A gateway that answers nothing good for ten minutes delays credits and"
        " loses none; nothing is asked for twice.",
        run=outage,
        trials=40,
        quick=0,
        mutant="a payment about which the gateway was silent is not asked about again",
        symptom="is paid and not credited",
        control_trials=20,
        seconds=220,
    ),
)
