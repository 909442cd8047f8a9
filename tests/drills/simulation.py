"""SIM: seeded worlds of the real flows, in which everything goes wrong in any order.

It needs no server: clock, stores, broker and model are tests' own. A seed that breaks
is lived through again by ``python -m tests.simulation --seed N --trace``.
"""

from __future__ import annotations

from tests.drills.drill import Drill, Order, Result, Servers
from tests.simulation.many import lived

MUTANT = "settle-later"


def run(servers: Servers, order: Order) -> Result:
    """Lives through as many worlds as there are trials."""
    mutant = MUTANT if order.control else None
    first = (order.seed - 1) * order.trials + 1
    faults: list[str] = []
    answers = again = 0
    for report in lived(range(first, first + order.trials), mutant=mutant):
        answers += report.asked
        again += report.again
        faults += (f"seed {report.seed}: {fault}" for fault in report.faults)
    figure = f"{answers} answers, {again} written again, {len(faults)} faults"
    return Result(figure, tuple(faults))


DRILLS = (
    Drill(
        id="SIM",
        promise="Whatever dies, is lost, late or repeated, in whatever order, every"
        " promise is kept; and the same seed is the same history.",
        run=run,
        trials=20_000,
        quick=0,
        mutant="an answer is paid for in a second commit",
        symptom="open hold of an ended answer",
        control_trials=500,
        seconds=520,
    ),
)
