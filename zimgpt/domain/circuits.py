"""When a model that fails again and again is left alone, and when it is tried again.

A circuit is closed while its model is asked as usual. Ten failures within half a minute
open it: nobody is kept waiting for a model that is down, and it is left in peace. After
a rest one question is let through as a probe; its success closes the circuit, its
failure opens it again. The time is any clock's that only goes forward.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

import attrs


@attrs.frozen
class Limits:
    """How much trouble opens a circuit, and for how long; in seconds."""

    failures: int = 10
    within: float = 30.0
    rest: float = 15.0


@attrs.frozen
class Failure:
    """A question that the model did not take."""

    at: float
    busy: bool
    """It said that it has too much to do."""


@attrs.frozen
class Closed:
    """The model is asked."""

    failures: tuple[Failure, ...] = ()
    """The latest, oldest first."""


@attrs.frozen
class Open:
    """The model is not asked before ``until``."""

    until: float
    busy: bool
    """It was too busy, and nothing worse."""


@attrs.frozen
class Probing:
    """One question is on its way to the model; the others are not asked meanwhile."""

    busy: bool


Circuit: TypeAlias = Closed | Open | Probing

CLOSED = Closed()


def ask(circuit: Circuit, now: float) -> tuple[Circuit, bool]:
    """Whether a question may be sent; if it changes the circuit, it is a probe."""
    match circuit:
        case Closed():
            return circuit, True
        case Open():
            if now < circuit.until:
                return circuit, False
            return Probing(circuit.busy), True
        case Probing():
            return circuit, False
        case _:
            assert_never(circuit)


def failed(circuit: Circuit, failure: Failure, limits: Limits) -> Circuit:
    """After a failure, the probe's if one is under way."""
    match circuit:
        case Closed():
            since = failure.at - limits.within
            recent = tuple(one for one in circuit.failures if one.at > since)
            counted = (*recent, failure)
            if len(counted) < limits.failures:
                return Closed(counted)
            busy = all(one.busy for one in counted)
            return Open(failure.at + limits.rest, busy)
        case Open():
            return circuit  # asked before it opened
        case Probing():
            return Open(failure.at + limits.rest, failure.busy)
        case _:
            assert_never(circuit)


def succeeded(circuit: Circuit) -> Circuit:
    """After an answer, the probe's if one is under way.

    An answer makes up for a failure. So a model of which a few in a thousand questions
    fail stays in use however many are asked, and one that only fails does not.
    """
    match circuit:
        case Closed():
            return Closed(circuit.failures[1:])
        case Open():
            return circuit  # asked before it opened
        case Probing():
            return CLOSED
        case _:
            assert_never(circuit)


def undecided(circuit: Circuit, now: float) -> Circuit:
    """After a probe that has shown nothing: the next question is another."""
    match circuit:
        case Probing():
            return Open(now, circuit.busy)
        case Closed() | Open():
            return circuit
        case _:
            assert_never(circuit)
