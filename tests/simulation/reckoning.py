"""What must be true of a market when all is over: credited is paid, exactly."""

from __future__ import annotations

import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import attrs

from tests.simulation.buyers import SHOPPING, Buyers
from tests.simulation.many import quiet
from tests.simulation.market import Market
from tests.simulation.market_mutants import applied
from zimgpt.domain.accounts import UserId
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.states import Stage, stage
from zimgpt.embedded.paynow.transactions import DISPUTED, REFUNDED, Transaction
from zimgpt.flows.ports.topups import Kept

DAY = 24 * 3600.0
HORIZON = 3.5 * DAY
PAYMENTS = 50
"""In one market."""
REFUSED = ("hash", "other-key", "unsigned", "doubled")
"""Forgeries that are told by their signature."""


@attrs.frozen
class Report:
    """How one market went."""

    seed: int
    payments: int
    paid: int
    credited: int
    tokens: int
    seen: Counter[str]
    faults: tuple[str, ...]

    def __str__(self) -> str:
        again = f"python -m tests.simulation.reckoning {self.seed}"
        return "\n".join((f"{again}:", *self.faults))


def run(seed: int, mutant: str | None = None) -> Report:
    """Lives through one market and reckons."""
    with applied(mutant):
        market = Market(seed)
        buyers = Buyers(market)
        buyers.begin(PAYMENTS)
        _trouble(market)
        market.live(HORIZON)
        report = _reckoned(seed, market, buyers)
    market.gateway.close()
    return report


def _trouble(market: Market) -> None:
    """Deaths, a change of keys, an outage of the gateway."""
    dice = market.dice
    for _ in range(8):
        number, away = dice.randrange(2), dice.choice((0.5, 5.0, 60.0))
        when = dice.choice((SHOPPING, SHOPPING, DAY)) * dice.random()
        market.later(when, lambda n=number, a=away: market.kill(n, a))  # type: ignore[misc]
    if dice.random() < 0.3:
        when = dice.uniform(600.0, SHOPPING)
        market.later(when, lambda: market.change_key(Currency.USD))
        for number in (0, 1):
            known = when + dice.uniform(60.0, 900.0)
            market.later(known, lambda n=number: market.kill(n, 1.0))  # type: ignore[misc]
    if dice.random() < 0.3:
        kind, long = (
            dice.choice(("502", "html", "hang", "reset")),
            dice.uniform(60, 900),
        )
        market.later(dice.uniform(0, SHOPPING), lambda: _outage(market, kind, long))


def _outage(market: Market, kind: str, seconds: float) -> None:
    habits = market.gateway.book.habits
    habits.outage, habits.outage_until = kind, market.gateway.book.now() + seconds


def _reckoned(seed: int, market: Market, buyers: Buyers) -> Report:
    faults = [*market.broken]
    owed: Counter[UserId] = Counter()
    rows = {row.kept.topup.order.reference: row for row in market.store.rows.values()}
    transactions = list(market.gateway.book.transactions.values())
    for reference, times in Counter(one.reference for one in transactions).items():
        if times > 1:
            faults.append(f"{reference} was asked for {times} times")
    for one in transactions:
        kept = rows[one.reference].kept
        owed[kept.user] += _owed(one, kept)
        faults += _standing(one, kept)
    known = {one.reference for one in transactions}
    for reference, row in rows.items():
        if reference not in known and stage(row.kept.topup) is not Stage.FAILED:
            faults.append(f"{reference} is nowhere and {stage(row.kept.topup)} here")
    for user in {*owed, *market.store.balances}:
        has, due = market.store.balances[user], owed[user]
        if has != due:
            faults.append(f"person {user} has {has} tokens and paid for {due}")
    faults += _answers(market)
    asked = Counter(act for act, _ in market.gateway.interface.asked)
    seen = market.seen + asked + Counter({"calls": len(market.calls)})
    return Report(
        seed,
        len(rows),
        sum(one.paid for one in transactions),
        sum(row.kept.credited_at is not None for row in rows.values()),
        sum(market.store.balances.values()),
        seen,
        tuple(faults),
    )


def many(seeds: range, mutant: str | None = None) -> Iterator[Report]:
    """A report of each, in order, over as many processes as the machine has."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(None, context, initializer=quiet) as pool:
        yield from pool.map(partial(run, mutant=mutant), seeds, chunksize=2)


def _owed(one: Transaction, kept: Kept) -> int:
    """The tokens that somebody must have for it in the end."""
    kept_by_us = one.status not in (DISPUTED, REFUNDED)
    fair = one.paid and one.troubles.honest and kept_by_us
    return kept.topup.order.tokens if fair else 0


def _standing(one: Transaction, kept: Kept) -> list[str]:
    """Where a payment must stand in the end, as the gateway has it."""
    there = stage(kept.topup)
    match one.status:
        case "Paid" | "Awaiting Delivery" | "Delivered":
            good = Stage.CREDITED if one.troubles.honest else Stage.REVIEW
            fine = there is good
        case "Disputed":
            fine = there in (Stage.DISPUTED, Stage.REVIEW)
        case "Refunded":
            fine = there in (Stage.REFUNDED, Stage.REVIEW)
        case "Cancelled" | "Failed":
            fine = there in (Stage.CANCELLED, Stage.FAILED)
        case _:  # nobody did anything about it, on a page that never expires
            fine = there is Stage.PENDING
    return [] if fine else [f"{one.reference} is {one.status} there and {there} here"]


def _answers(market: Market) -> list[str]:
    """Forged calls whose signature is bad were refused, and no other address asked."""
    faults = []
    for one in market.gateway.book.transactions.values():
        for delivery in one.deliveries:
            codes = set(delivery.answers) - {0, 503}
            if delivery.kind in REFUSED and codes - {400}:
                faults.append(f"{delivery.kind} was answered {codes}")
    return faults


if __name__ == "__main__":
    quiet()
    lived = run(int(sys.argv[1]), *sys.argv[2:])
    sys.stdout.write(f"{lived}\n{dict(lived.seen)}\n")
    sys.exit(1 if lived.faults else 0)
