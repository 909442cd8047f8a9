"""Everything that a node tells in its metrics; documented in docs/reference/metrics.md.

A room that has something to tell gets a function here, and its line in ``collectors``.
"""

from __future__ import annotations

from typing import Any

import attrs

from zimgpt.flows.answering import Answering
from zimgpt.flows.sweeping import Sweeping
from zimgpt.inbound.answered import Answered
from zimgpt.inbound.site import Site
from zimgpt.inbound.sockets import SocketFactory
from zimgpt.inbound.telling import make_telling
from zimgpt.observe.metrics import CONTENT_TYPE, Metric, exposition
from zimgpt.service.lag import Lag
from zimgpt.service.metrics_machine import (
    of_broker,
    of_database,
    of_doors,
    of_reactor,
)
from zimgpt.service.metrics_payments import of_payments
from zimgpt.service.metrics_upstreams import of_upstreams
from zimgpt.service.metrics_work import of_ledger, of_writing
from zimgpt.service.parts import Parts
from zimgpt.service.payments import Payments
from zimgpt.service.readiness import Life, Readiness

STATES = ("queued", "running", "dead")
"""In which jobs are counted."""


@attrs.frozen
class Seen:
    """What of a node is outside of its parts: its doors, its clock, its life."""

    sockets: SocketFactory
    answered: Answered
    lag: Lag
    life: Life
    payments: Payments


def collectors(parts: Parts, seen: Seen) -> tuple[Metric, ...]:
    """All metrics of this node, room by room."""
    return (
        *of_upstreams(parts.writing.upstreams),
        *of_sockets(seen.sockets),
        *of_answers(parts.writing.answering),
        *of_writing(parts.writing.tally),
        *of_ledger(parts.upkeep.counting),
        *of_jobs(parts.upkeep.sweeping),
        *of_payments(seen.payments),
        *of_doors(seen.answered),
        *of_database(parts.pool),
        *of_broker(parts.carrying.broker),
        *of_reactor(seen.lag),
    )


def make_metrics(
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    seen: Seen,
) -> Site:
    """What listens on ``metrics_listen``."""
    metrics = collectors(parts, seen)
    readiness = Readiness(
        reactor, seen.life, parts.pool, parts.carrying.broker, parts.writing.upstreams
    )
    return make_telling(
        lambda: exposition(metrics, reactor), CONTENT_TYPE, readiness.look, reactor
    )


def of_sockets(sockets: SocketFactory) -> tuple[Metric, ...]:
    """Who is connected."""
    return (
        Metric(
            "zimgpt_sockets",
            "gauge",
            "Open websockets.",
            lambda: len(sockets.sockets),
        ),
    )


def of_answers(answering: Answering) -> tuple[Metric, ...]:
    """What is being written."""
    return (
        Metric(
            "zimgpt_answers_running",
            "gauge",
            "Answers that this node is writing.",
            lambda: answering.running,
        ),
    )


def of_jobs(sweeping: Sweeping) -> tuple[Metric, ...]:
    """What waits, is under way and has died, of all nodes."""

    def by_state() -> dict[str, float]:
        figures = sweeping.figures()
        return {state: getattr(figures, state) for state in STATES}

    return (
        Metric(
            "zimgpt_jobs",
            "gauge",
            "Jobs of all nodes in this state, counted at most half a minute ago.",
            by_state,
            "state",
        ),
        Metric(
            "zimgpt_jobs_oldest_seconds",
            "gauge",
            "Age of the oldest job that is queued or running, of all nodes.",
            lambda: sweeping.figures().oldest,
        ),
    )
