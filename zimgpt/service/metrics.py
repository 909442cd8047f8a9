"""Everything that a node tells in its metrics; documented in docs/reference/metrics.md.

A room that has something to tell gets a function here, and its line in ``collectors``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from zimgpt.flows.answering import Answering
from zimgpt.flows.breaking import Guarded
from zimgpt.flows.sweeping import Sweeping
from zimgpt.inbound.site import Site
from zimgpt.inbound.telling import make_telling
from zimgpt.inbound.websocket import SocketFactory
from zimgpt.observe.metrics import CONTENT_TYPE, Metric, exposition
from zimgpt.service.parts import Parts

STATES = ("queued", "running", "dead")
"""In which jobs are counted."""


def collectors(parts: Parts, sockets: SocketFactory) -> tuple[Metric, ...]:
    """All metrics of this node, room by room."""
    return (
        *of_upstreams(parts.upstreams),
        *of_sockets(sockets),
        *of_answers(parts.answering),
        *of_jobs(parts.sweeping),
    )


def make_metrics(
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    sockets: SocketFactory,
) -> Site:
    """What listens on ``metrics_listen``."""
    metrics = collectors(parts, sockets)
    return make_telling(lambda: exposition(metrics, reactor), CONTENT_TYPE, reactor)


def of_upstreams(upstreams: Sequence[Guarded]) -> tuple[Metric, ...]:
    """How each model fares, by its name."""

    def each(read: Callable[[Guarded], float]) -> Callable[[], dict[str, float]]:
        return lambda: {model.name: read(model) for model in upstreams}

    return (
        Metric(
            "zimgpt_upstream_state",
            "gauge",
            "The model's circuit: 0 closed, 1 half open, 2 open (it is not asked).",
            each(lambda model: model.state),
            "model",
        ),
        Metric(
            "zimgpt_upstream_failures",
            "gauge",
            "Recent failures that count towards opening the circuit.",
            each(lambda model: model.failures),
            "model",
        ),
        Metric(
            "zimgpt_upstream_failed_total",
            "counter",
            "Requests that the model did not take: unreachable, busy or broken.",
            each(lambda model: model.failed),
            "model",
        ),
        Metric(
            "zimgpt_upstream_answered_total",
            "counter",
            "Requests that the model answered, if only in part.",
            each(lambda model: model.answered),
            "model",
        ),
        Metric(
            "zimgpt_upstream_skipped_total",
            "counter",
            "Times that the model was not asked because its circuit was open.",
            each(lambda model: model.skipped),
            "model",
        ),
        Metric(
            "zimgpt_upstream_opened_total",
            "counter",
            "Times that the model's circuit opened.",
            each(lambda model: model.opened),
            "model",
        ),
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
