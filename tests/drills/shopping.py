"""A house that sells tokens, with its gateway beside it, for one drill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.drills.drill import Order, Servers
from tests.drills.mutants import command
from tests.drills.paying import Books
from tests.system.harness import House, Plan, wait_until
from tests.system.people import Person
from tests.system.till import Shop, begun, opened, wish
from zimgpt.embedded.server import COMMAND

IN_TIME = 60.0  # seconds from being paid to being credited
PATIENCE = 120.0
HURRY = 12.0  # where it is known that it will not come right
FEW = 5  # payments of one person that may wait at a time


@contextmanager
def shop_of(
    servers: Servers, order: Order, *names: str, mutant: str = "unasked"
) -> Iterator[Shop]:
    """Nodes of these names, which are wrong in the control; RabbitMQ is between."""
    starts = command(mutant) if order.control else COMMAND
    broker = servers.rabbitmq.vhost() if len(names) > 1 else "local:"
    nodes = [Plan(name, command=starts) for name in names]
    with (
        servers.database() as database,
        opened(
            lambda more: House(database, nodes=nodes, broker=broker, **more)
        ) as shop,
    ):
        yield shop


def patience(order: Order) -> float:
    """Seconds that are waited for everything to come right."""
    return HURRY if order.control else PATIENCE


def amiss(found: Books, *, late: float | None = None) -> tuple[str, ...]:
    """What is wrong with the books; ``late``: seconds that a credit may take."""
    slowest = max(found.waits(), default=0.0)
    slow = [] if late is None or slowest <= late else [f"one waited {slowest:.0f} s"]
    return (*found.faults(), *slow)


def begin(shop: Shop, people: Sequence[Person], number: int) -> list[str]:
    """References of so many payments, each known to the gateway."""
    references = []
    for turn in range(number):
        made = begun(people[turn % len(people)], wish())
        references.append(made["reference"])
    wait_until(lambda: set(references) <= known(shop), PATIENCE)
    return references


def known(shop: Shop) -> set[str]:
    """References of what the gateway was asked for."""
    return {one["reference"] for one in shop.till.state()["payments"]}


def answers(shop: Shop, references: Sequence[str]) -> list[int]:
    """How calls about these payments were answered."""
    return [
        code
        for one in shop.till.state()["payments"]
        if one["reference"] in references
        for delivery in one["deliveries"]
        for code in delivery["answers"]
    ]
