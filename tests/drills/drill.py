"""What a drill is: trouble made on purpose, and what must hold all the same.

Each room of the house has a module of drills with a tuple ``DRILLS``, and a module of
the same name among the mutants, which are nodes that are wrong on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Self

import attrs

from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from zimgpt.store import invariants


@attrs.frozen
class Order:
    """How one run of a drill is to be."""

    trials: int
    seed: int = 1
    control: bool = False
    """With the mutant in place: the drill must then find fault."""
    slack: float = 1.0
    """How many times as long as is promised of a quiet machine all may take here."""


@attrs.frozen
class Result:
    """What a run has shown."""

    figure: str
    """What was counted and measured, in a few words."""
    faults: tuple[str, ...] = ()
    """Everything that was not as promised."""


class Servers:
    """A PostgreSQL and a RabbitMQ for all drills of a run, started when asked for."""

    def __init__(self) -> None:
        self._ends = ExitStack()
        self._postgres: PostgreSQL | None = None
        self._rabbitmq: RabbitMQ | None = None
        self.violations: list[str] = []
        """Of the databases that were closed, since somebody last took note."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ends.close()

    @classmethod
    def lent(cls, postgres: PostgreSQL, rabbitmq: RabbitMQ | None) -> Self:
        """Those that run already, and go on afterwards; a broker of its own, if none
        is lent."""
        servers = cls()
        servers._postgres, servers._rabbitmq = postgres, rabbitmq
        return servers

    @property
    def postgres(self) -> PostgreSQL:
        """The database server."""
        if self._postgres is None:
            self._postgres = self._ends.enter_context(PostgreSQL())
        return self._postgres

    @property
    def rabbitmq(self) -> RabbitMQ:
        """The broker."""
        if self._rabbitmq is None:
            self._rabbitmq = self._ends.enter_context(RabbitMQ())
        return self._rabbitmq

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new database. At its end all invariants are looked at, those
        that hold only at rest too, so its drill waits until nothing is under way."""
        with self.postgres.database() as url:
            yield url
            found = invariants.violations(url, at_rest=True)
            self.violations += [f"{name}: {row}" for name, row in found]


@attrs.frozen(kw_only=True)
class Drill:
    """One kind of trouble."""

    id: str
    promise: str
    """In one sentence, what holds all the same."""
    run: Callable[[Servers, Order], Result]
    trials: int
    """How often the trouble is made by ``make drills``."""
    quick: int
    """How often in the test command; 0: not there."""
    mutant: str
    """What is wrong on purpose in its negative control, in a few words."""
    symptom: str
    """What a fault of the control must say, so that it fails for that reason."""
    control_trials: int = 0
    """How often the trouble is made in the control; 0: as often as without it."""
    seconds: float = 0.0
    """Roughly how long ``trials`` take."""


@attrs.frozen
class Line:
    """A run's line in the report."""

    drill: Drill
    order: Order
    result: Result
    violations: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Without a mutant nothing may be wrong; with it the drill must notice."""
        faults = (*self.result.faults, *self.violations)
        if self.order.control:
            return any(self.drill.symptom in fault for fault in faults)
        return not faults

    def __str__(self) -> str:
        name = f"{self.drill.id}{' control' if self.order.control else ''}"
        return (
            f"{name}: {self.order.trials} trials: {self.result.figure}:"
            f" {'pass' if self.passed else 'FAIL'}"
        )


def carry_out(drill: Drill, order: Order, servers: Servers) -> Line:
    """One run; a drill that breaks is a fault as well."""
    servers.violations.clear()
    try:
        result = drill.run(servers, order)
    except Exception as error:  # the report goes on with the next drill
        result = Result("broke", (f"{type(error).__name__}: {error}",))
    line = Line(drill, order, result, tuple(servers.violations))
    servers.violations.clear()
    return line
