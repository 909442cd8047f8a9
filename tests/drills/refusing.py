"""PAY-key and PAY-number: what the gateway refuses, or signs otherwise than before."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Final

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.paying import books, customers, settled
from tests.drills.shopping import (
    FEW,
    IN_TIME,
    PATIENCE,
    amiss,
    begin,
    patience,
    shop_of,
)
from tests.system.harness import Json, wait_until
from tests.system.people import Person
from tests.system.till import ID, KEY, Shop, begun, read, wish

NEW_KEY: Final = "another-key-of-tests"
LATE: Final = 12.0  # seconds after which the second copy of each early call comes
UNTOLD: Final = 5.0  # seconds in which the gateway has a new key that no node knows

WALLETS: Final = {"ecocash": ("77", "78", "79"), "onemoney": ("71", "72")}
PREFIXES: Final = ("71", "72", "73", "77", "78", "79")
NOBODYS: Final = (
    "0751234567",
    "0242123456",
    "+27821234567",
    "077123456",
    "0771234567 ext 5",
)
"""Numbers that no wallet can have."""
NAMED: Final = "select 1 from payments where client_key = %s"


# ---- a new key


def rotated(servers: Servers, order: Order) -> Result:
    """The gateway gets a new key while payments are under way; nodes hear of it later,
    and calls that were signed with the old one come later still."""
    with shop_of(servers, order, "only", mutant="one-key") as shop:
        node = shop.house["only"]
        people = customers(node.url, -(-order.trials // FEW))
        shop.till.control("trouble", copies=2, apart=LATE, times=order.trials)
        references = begin(shop, people, order.trials)
        before, between, after = (references[turn::3] for turn in range(3))
        _approve(shop, before)
        wait_until(
            lambda: books(shop.house, shop.till).credited == len(before), PATIENCE
        )
        _changed(shop)
        _approve(shop, between)
        time.sleep(UNTOLD)
        early = books(shop.house, shop.till).credited - len(before)
        node.kill()
        node.tell(paynow_usd_key=NEW_KEY, paynow_usd_old_keys=KEY)
        node.begin()
        node.ready()
        _approve(shop, after)
        found = settled(shop.house, shop.till, patience(order))
        _come(shop)
        wrong = [*_unheard(shop, before), *_unheard(shop, [*between, *after])]
    if early:
        wrong.append(f"{early} were believed by a key that nobody had told of")
    figure = (
        f"{len(found.paid)} paid, {found.credited} credited: {len(before)} before,"
        f" {len(between)} between and {len(after)} after, slowest"
        f" {max(found.waits(), default=0):.0f} s"
    )
    return Result(figure, (*amiss(found, late=IN_TIME), *wrong))


def _approve(shop: Shop, references: Sequence[str]) -> None:
    for reference in references:
        shop.till.act(reference, "approve")


def _changed(shop: Shop) -> None:
    """The merchant has another key made at the gateway, which signs with it at once."""
    shop.till.control(
        "merchant", id=ID, key=NEW_KEY, currency="USD", email="pay@example.org"
    )


def _come(shop: Shop) -> None:
    """Waits until every call was taken or its last copy refused."""
    end = time.monotonic() + LATE + PATIENCE / 4
    while not shop.till.state()["idle"] and time.monotonic() < end:
        time.sleep(0.2)


def _unheard(shop: Shop, references: Sequence[str]) -> Iterator[str]:
    """Calls that were never taken, and those of which the last word was a refusal."""
    for one in shop.till.state()["payments"]:
        if one["reference"] not in references:
            continue
        for delivery in one["deliveries"]:
            if delivery["answers"][-1:] != [200]:
                yield f"a call was never believed: {delivery['answers']}"


# ---- a number of another network


def numbered(servers: Servers, order: Order) -> Result:
    """People name numbers that the wallet cannot have, and try again with another."""
    with shop_of(servers, order, "only", mutant="refusal-is-silence") as shop:
        shop.till.control("habits", networks=True)
        cases = [case for case in _cases() for _ in range(order.trials)]
        people = customers(shop.house["only"].url, len(cases))
        faults = [
            fault
            for person, case in zip(people, cases, strict=True)
            for fault in _named(shop, person, *case, hurry=order.control)
        ]
        found = settled(shop.house, shop.till, patience(order))
    refused = sum(wallet is not None and not fits for _, wallet, fits in cases)
    barred = sum(wallet is None for _, wallet, _ in cases)
    figure = (
        f"{len(cases)} numbers: {barred} refused by us, {refused} by their network,"
        f" {len(found.paid)} paid, {found.credited} credited"
    )
    return Result(figure, (*amiss(found), *faults))


def _cases() -> Iterator[tuple[str, str | None, bool]]:
    """A number, the wallet that it is to be of (None: no number of any), and whether
    it is."""
    for number in NOBODYS:
        yield number, None, False
    for wallet, own in WALLETS.items():
        for prefix in PREFIXES:
            yield f"0{prefix}1234567", wallet, prefix in own
    for wallet in ("innbucks", "omari"):
        yield "0731234567", wallet, True


def _named(
    shop: Shop,
    person: Person,
    number: str,
    wallet: str | None,
    fits: bool,
    *,
    hurry: bool,
) -> Iterator[str]:
    wished = wish(number, method=wallet or "ecocash")
    if wallet is None:
        yield from _barred(shop, person, wished)
        return
    before = person.balance()
    payment = begun(person, wished)
    wait = 3.0 if hurry else 30.0
    if fits:
        wait_until(lambda: shop.till.payment(payment["reference"]), wait)
        shop.till.act(payment["reference"], "approve")
        return
    try:
        wait_until(lambda: read(person, payment)["state"] == "failed", wait)
    except AssertionError:
        yield f"{number} was not told that it has no {wallet}"
        return
    said = read(person, payment)
    if said["reason"] != "wrong_number":
        yield f"{number}, {wallet}: told {said['reason']}"
    if person.balance() != before:
        yield f"{number}, {wallet}: the balance has changed"
    _another_way(shop, person)


def _barred(shop: Shop, person: Person, wished: Json) -> Iterator[str]:
    """A number of nobody's wallet: no row, and the gateway hears nothing."""
    reply = person.call("POST", "/api/v1/payments", wished)
    if not 400 <= reply.status < 500:
        yield f"{wished['phone']} was answered {reply.status}"
    if shop.house.query(NAMED, wished["id"]):
        yield f"{wished['phone']} has a payment"


def _another_way(shop: Shop, person: Person) -> None:
    """Who was refused pays at once with another number."""
    payment = begun(person, wish())
    wait_until(lambda: shop.till.payment(payment["reference"]), 30.0)
    shop.till.act(payment["reference"], "approve")


DRILLS = (
    Drill(
        id="PAY-key",
        promise="A key that is changed while payments are under way loses none of them,"
        " and what was signed with the old one is still believed.",
        run=rotated,
        trials=30,
        quick=0,
        mutant="a key is forgotten as soon as there is another",
        symptom="a call was never believed",
        control_trials=9,
        seconds=60,
    ),
    Drill(
        id="PAY-number",
        promise="A number that the wallet's network does not know is told at once,"
        " costs nothing, and keeps nobody from paying otherwise.",
        run=numbered,
        trials=4,
        quick=0,
        mutant="what the gateway refuses is taken for silence",
        symptom="was not told that it has no",
        control_trials=1,
        seconds=90,
    ),
)
