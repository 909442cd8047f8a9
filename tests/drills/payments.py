"""PAY: people pay while nodes, gateway, broker and database die, and calls are forged.

The gateway is its double in a process of its own; everything else is what it is in
production. Every second payment's calls are lost, so that asking again is needed too.
"""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.paying import customers, insist, settled
from tests.drills.shopping import IN_TIME, PATIENCE, amiss, patience, shop_of
from tests.system.harness import wait_until
from tests.system.people import Person
from tests.system.till import BY_ITSELF, Shop, begun, wish
from zimgpt.embedded.paynow.troubles import AMOUNTS, FORGERIES

HANDS = 8  # payments that are begun at the same time
EACH = 20  # payments that are begun between two kills, at most
BAD = ("hash", "other-key", "unsigned", "doubled")
"""Forgeries that their signature tells."""


# ---- deaths


def killed(servers: Servers, order: Order) -> Result:
    """Nodes are killed until so many payments are paid."""
    with shop_of(servers, order, "left", "right") as shop:
        kills = _until_paid(shop, order)
        found = settled(shop.house, shop.till, patience(order))
    figure = (
        f"{len(found.paid)} paid, {found.credited} credited, {kills} kills, slowest"
        f" {max(found.waits(), default=0):.0f} s, {len(found.twice)} asked for twice,"
        f" {found.deadlocks} deadlocks"
    )
    return Result(figure, amiss(found))


def everything(servers: Servers, order: Order) -> Result:
    """Nodes, gateway, broker and database die together, and come back."""
    with shop_of(servers, order, "left", "right") as shop:
        chance = random.Random(order.seed)
        people = customers(shop.house["left"].url, HANDS)
        over = threading.Event()
        with ThreadPoolExecutor(HANDS) as pool:
            shopping = [
                pool.submit(_shopping, shop, one, over, wait=patience(order))
                for one in people
            ]
            try:
                for trial in range(order.trials):
                    time.sleep(chance.uniform(0.5, 4.0))
                    _all_die(servers, shop)
                    if trial % 3 == 0:  # else it dies while it starts, too
                        servers.rabbitmq.ready()
                servers.rabbitmq.ready()
            finally:
                over.set()
            bought = sum(one.result() for one in shopping)
        found = settled(shop.house, shop.till, patience(order))
    figure = (
        f"{bought} begun, {len(found.paid)} paid, {found.credited} credited,"
        f" slowest {max(found.waits(), default=0):.0f} s"
    )
    return Result(figure, amiss(found))


def _until_paid(shop: Shop, order: Order) -> int:
    """Buys until so many are paid there, killing meanwhile; how often."""
    chance, over = random.Random(order.seed), threading.Event()
    urls = [node.url for node in shop.house.nodes.values()]
    people = customers(urls[0], HANDS)
    shop.till.control("trouble", lost=True, times=order.trials // 2)
    kills, permits = 0, threading.Semaphore(EACH)
    with ThreadPoolExecutor(HANDS) as pool:
        shopping = [pool.submit(_shopping, shop, one, over, permits) for one in people]
        end = time.monotonic() + 10 * order.trials + PATIENCE
        try:
            while time.monotonic() < end and _paid(shop) < order.trials:
                time.sleep(chance.uniform(0.5, 3.0))
                _kill_one(shop, chance)
                kills += 1
                permits.release(EACH)
        finally:
            over.set()
        for one in shopping:
            one.result()
    return kills


def _paid(shop: Shop) -> int:
    return sum(one["paid"] for one in shop.till.state()["payments"])


def _shopping(
    shop: Shop,
    person: Person,
    over: threading.Event,
    permits: threading.Semaphore | None = None,
    *,
    wait: float = PATIENCE,
) -> int:
    """Buys one after the other, of a wallet that approves by itself. In a control
    nothing is ever credited, so that after some payments no more are taken."""
    urls = [node.url for node in shop.house.nodes.values()]
    bought = 0
    while not over.is_set():
        if permits is not None and not permits.acquire(timeout=0.5):
            continue
        try:
            insist(person, urls, wish(BY_ITSELF), wait)
        except AssertionError:
            if wait < PATIENCE:
                break
            raise
        bought += 1
        over.wait(2.0)  # five of one person may wait at a time
    return bought


def _kill_one(shop: Shop, chance: random.Random) -> None:
    node = chance.choice([*shop.house.nodes.values()])
    node.kill()
    node.begin()
    node.ready()


def _all_die(servers: Servers, shop: Shop) -> None:
    """The power goes, and comes back; RabbitMQ takes longest, and nothing waits for
    it."""
    for node in shop.house.nodes.values():
        node.kill()
    shop.till.end()
    servers.rabbitmq.kill()
    servers.rabbitmq.begin()
    servers.postgres.restart(immediate=True)
    for node in shop.house.nodes.values():
        node.begin()
    shop.till.start()
    for node in shop.house.nodes.values():
        node.ready()


# ---- calls


def lost(servers: Servers, order: Order) -> Result:
    """No call ever comes; the node dies once while some have paid."""
    with shop_of(servers, order, "only") as shop:
        chance, node = random.Random(order.seed), shop.house["only"]
        people = customers(node.url, -(-order.trials // 5))
        shop.till.control("trouble", lost=True, times=order.trials)
        references = [
            begun(people[number // 5], wish())["reference"]
            for number in range(order.trials)
        ]
        for number, reference in enumerate(references):
            wait_until(lambda ref=reference: shop.till.payment(ref), 30.0)  # type: ignore[misc]
            time.sleep(chance.uniform(0.0, 150.0 / order.trials))
            shop.till.act(reference, "approve")
            if number == order.trials // 2:
                node.kill()
                node.begin()
        found = settled(shop.house, shop.till, patience(order))
    figure = (
        f"{len(found.paid)} paid, {found.credited} credited without a call, slowest"
        f" {max(found.waits(), default=0):.0f} s"
    )
    return Result(figure, amiss(found, late=IN_TIME))


def copies(servers: Servers, order: Order) -> Result:
    """Each call comes ten times at once, to two nodes in turn."""
    with shop_of(servers, order, "left", "right") as shop:
        people = customers(shop.house["left"].url, -(-order.trials // 5))
        shop.till.control("trouble", copies=10, times=order.trials)
        for number in range(order.trials):
            begun(people[number // 5], wish())
        wait_until(lambda: len(shop.till.state()["payments"]) == order.trials, 60.0)
        for one in shop.till.state()["payments"]:
            shop.till.act(one["guid"], "approve")
        found = settled(shop.house, shop.till, patience(order))
        wait_until(lambda: shop.till.state()["idle"], PATIENCE)
        calls = [
            code
            for one in shop.till.state()["payments"]
            for delivery in one["deliveries"]
            for code in delivery["answers"]
        ]
    figure = (
        f"{len(found.paid)} paid, {len(calls)} calls, {found.credited} credits,"
        f" {found.deadlocks} deadlocks, slowest {max(found.waits(), default=0):.1f} s"
    )
    wrong = [f"a call was answered {code}" for code in calls if code != 200]
    return Result(figure, (*amiss(found, late=IN_TIME), *wrong))


def forged(servers: Servers, order: Order) -> Result:
    """Every kind of forgery, and every way in which an amount can differ."""
    with shop_of(servers, order, "only", mutant="any-amount") as shop:
        people = customers(shop.house["only"].url, -(-order.trials // 5))
        for number in range(order.trials):
            amount = ("short", "", *AMOUNTS)[number % (len(AMOUNTS) + 2)]
            shop.till.control("trouble", forged=FORGERIES, amount=amount)
            reference = begun(people[number // 5], wish())["reference"]
            wait_until(lambda ref=reference: shop.till.payment(ref), 30.0)  # type: ignore[misc]
        time.sleep(1.5)  # the prompt is shown, and told of, with the first forgeries
        early = settled(shop.house, shop.till, 0.0).credited
        for one in shop.till.state()["payments"]:
            shop.till.act(one["guid"], "approve")
        found = settled(shop.house, shop.till, patience(order))
        with suppress(AssertionError):
            wait_until(lambda: shop.till.state()["idle"], patience(order))
        deliveries = [
            delivery
            for one in shop.till.state()["payments"]
            for delivery in one["deliveries"]
            if delivery["kind"]
        ]
    wrong = [f"{early} credited before anybody paid"] if early else []
    for delivery in deliveries:
        good = 400 if delivery["kind"] in BAD else 200
        if delivery["answers"] != [good]:
            wrong.append(f"{delivery['kind']} was answered {delivery['answers']}")
    reviews = sum(one.state == "review" for one in found.here.values())
    figure = (
        f"{len(deliveries)} forged calls, {early} believed, {found.credited} credited,"
        f" {reviews} of other amounts kept for review"
    )
    return Result(figure, (*amiss(found), *wrong))


DRILLS = (
    Drill(
        id="PAY-kill",
        promise="Nodes killed while people pay: each payment is asked for once and"
        " credited once.",
        run=killed,
        trials=200,
        quick=0,
        mutant="the gateway is never asked how a payment stands",
        symptom="is paid and not credited",
        control_trials=10,
        seconds=240,
    ),
    Drill(
        id="PAY-lost",
        promise="A payment of which no call ever comes is credited within a minute, a"
        " restart included.",
        run=lost,
        trials=30,
        quick=0,
        mutant="the gateway is never asked how a payment stands",
        symptom="is paid and not credited",
        control_trials=3,
        seconds=240,
    ),
    Drill(
        id="PAY-copies",
        promise="Ten copies of every call at once, at two nodes, are one credit.",
        run=copies,
        trials=50,
        quick=5,
        mutant="the gateway is never asked how a payment stands",
        symptom="is paid and not credited",
        control_trials=3,
        seconds=60,
    ),
    Drill(
        id="PAY-forged",
        promise="No forged call is believed, and no amount but the one agreed to.",
        run=forged,
        trials=28,
        quick=0,
        mutant="whatever was paid is enough",
        symptom="credited and not fairly paid",
        control_trials=7,
        seconds=60,
    ),
    Drill(
        id="PAY-all",
        promise="Nodes, gateway, broker and database killed together at random moments"
        " lose no payment.",
        run=everything,
        trials=100,
        quick=0,
        mutant="the gateway is never asked how a payment stands",
        symptom="is paid and not credited",
        control_trials=2,
        seconds=1800,
    ),
)
