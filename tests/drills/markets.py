"""PAY-seeds: seeded markets of the real payment flows, in which everything goes wrong.

They need no server: clock, store, wire and gateway are tests' own, our client of the
gateway is the real one. A seed that breaks is lived through again by
``python -m tests.simulation.reckoning N``.
"""

from __future__ import annotations

from collections import Counter

from tests.drills.drill import Drill, Order, Result, Servers
from tests.simulation.reckoning import many

MUTANT = "twice"


def run(servers: Servers, order: Order) -> Result:
    """Lives through as many markets as there are trials."""
    mutant = MUTANT if order.control else None
    first = (order.seed - 1) * order.trials + 1
    seen: Counter[str] = Counter()
    faults: list[str] = []
    for report in many(range(first, first + order.trials), mutant):
        seen += report.seen
        seen["payments"] += report.payments
        seen["paid"] += report.paid
        faults += (f"seed {report.seed}: {fault}" for fault in report.faults)
    figure = (
        f"{seen['payments']} payments, {seen['paid']} paid, {seen['calls']} calls,"
        f" {seen['poll']} polls, {seen['trace']} traces, {seen['deaths']} deaths of"
        f" nodes, {seen['keys']} keys changed, {len(faults)} faults"
    )
    return Result(figure, tuple(faults))


DRILLS = (
    Drill(
        id="PAY-seeds",
        promise="Whatever is lost, late, forged, repeated or dies, in whatever order,"
        " tokens are credited for exactly what was paid; and a seed is a history.",
        run=run,
        trials=200,
        quick=0,
        mutant="of two who hear that it is paid, both write",
        symptom="tokens and paid for",
        control_trials=12,
        seconds=300,
    ),
)
