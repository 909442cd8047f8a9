"""What a node tells of its models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from zimgpt.flows.breaking import Guarded
from zimgpt.observe.metrics import Measure, Metric

Models: TypeAlias = Sequence[Guarded]


def _each(read: Callable[[Guarded], float]) -> Callable[[Models], dict[str, float]]:
    return lambda models: {model.name: read(model) for model in models}


MEASURES: Final[tuple[Measure[Models], ...]] = (
    Measure(
        "zimgpt_upstream_state",
        "gauge",
        "The model's circuit: 0 closed, 1 half open, 2 open (it is not asked).",
        _each(lambda model: model.state),
        "model",
    ),
    Measure(
        "zimgpt_upstream_failures",
        "gauge",
        "Recent failures that count towards opening the circuit.",
        _each(lambda model: model.failures),
        "model",
    ),
    Measure(
        "zimgpt_upstream_failed_total",
        "counter",
        "Requests that the model did not take: unreachable, busy or broken.",
        _each(lambda model: model.failed),
        "model",
    ),
    Measure(
        "zimgpt_upstream_answered_total",
        "counter",
        "Requests that the model answered, if only in part.",
        _each(lambda model: model.answered),
        "model",
    ),
    Measure(
        "zimgpt_upstream_skipped_total",
        "counter",
        "Times that the model was not asked because its circuit was open.",
        _each(lambda model: model.skipped),
        "model",
    ),
    Measure(
        "zimgpt_upstream_opened_total",
        "counter",
        "Times that the model's circuit opened.",
        _each(lambda model: model.opened),
        "model",
    ),
)


def of_upstreams(models: Models) -> tuple[Metric, ...]:
    """How each model fares, by its name."""
    return tuple(measure.of(models) for measure in MEASURES)
