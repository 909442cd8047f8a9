"""Traces, where they are configured; without that OpenTelemetry is not even loaded."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zimgpt.config import Config, ConfigError
from zimgpt.flows.breaking import Guarded
from zimgpt.flows.ports import Model
from zimgpt.flows.tracing import Takes, TracedAsking, TracedModel, Traces

if TYPE_CHECKING:
    from zimgpt.observe.tracing import OpenTelemetry


def make_traces(config: Config) -> OpenTelemetry | None:
    """Where steps are told; raises ConfigError when the libraries are not there."""
    if config.traces_url is None:
        return None
    try:
        from zimgpt.observe.tracing import over_http
    except ImportError:
        raise ConfigError(
            "traces_url", "needs OpenTelemetry: pip install 'zimgpt[traces]'"
        ) from None
    return over_http(config.traces_url, config.node, time.time_ns)


def traced(
    models: Sequence[Guarded],
    reactor: Any,  # noqa: ANN401
    traces: Traces | None,
) -> Sequence[Model]:
    """The models, each telling of its requests."""
    if traces is None:
        return models
    return [TracedModel(model, reactor, traces) for model in models]


def traced_asking(
    asking: Takes,
    reactor: Any,  # noqa: ANN401
    traces: Traces | None,
) -> Takes:
    """What takes questions, telling of each."""
    return asking if traces is None else TracedAsking(asking, reactor, traces)
