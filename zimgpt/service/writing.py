"""What asks the models, and writes their answers down."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from zimgpt.config import Config
from zimgpt.domain import circuits
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.answering import Answering
from zimgpt.flows.breaking import Guarded
from zimgpt.flows.composing import Composer
from zimgpt.flows.models import Fallback
from zimgpt.flows.remembering import Remembering
from zimgpt.flows.tallying import Tally
from zimgpt.flows.writing import Writer
from zimgpt.outbound.connections import Connections
from zimgpt.outbound.openai import OpenAIModel
from zimgpt.outbound.openai_stream import Limits
from zimgpt.service.carrying import Carrying
from zimgpt.service.sources import now
from zimgpt.service.stores import Stores
from zimgpt.service.tracing import make_traces, traced

if TYPE_CHECKING:
    from zimgpt.observe.tracing import OpenTelemetry


@attrs.frozen
class Writing:
    """The models as they are asked, what is counted of them, and running jobs."""

    connections: Connections
    upstreams: tuple[Guarded, ...]
    traces: OpenTelemetry | None
    tally: Tally
    answering: Answering


def make_writing(
    config: Config,
    reactor: Any,  # noqa: ANN401
    stores: Stores,
    carrying: Carrying,
) -> Writing:
    """Everything between a job and the text that is stored."""
    connections = Connections(reactor, connect_timeout=config.connect_seconds)
    traces = make_traces(config)
    tally = Tally(reactor, carrying.audience, traces)
    writer = Writer(reactor, stores.drafts, tally, config.tick_ms / 1000)
    upstreams = make_upstreams(config, reactor, connections)
    models = Fallback(traced(upstreams, reactor, traces), reactor, random.random)

    def claimed(answer: AnswerId, origin: str) -> None:
        tally.claimed(answer)
        carrying.exchange.add(answer, origin)

    answering = make_answering(config, reactor, stores, models, writer, claimed)
    return Writing(connections, upstreams, traces, tally, answering)


def make_upstreams(
    config: Config,
    reactor: Any,  # noqa: ANN401
    connections: Connections,
) -> tuple[Guarded, ...]:
    """The configured models in order, each with its circuit breaker."""
    breaks = circuits.Limits(
        failures=config.breaker_failures,
        within=config.breaker_within_seconds,
        rest=config.breaker_rest_seconds,
    )
    limits = Limits(
        first_byte=config.first_byte_seconds,
        idle=config.idle_seconds,
        whole=config.whole_seconds,
    )
    models = (
        OpenAIModel(
            name=upstream.name,
            url=upstream.base_url,
            http=connections.http,
            clock=reactor,
            now=now,
            key=upstream.key or "",
            limits=limits,
        )
        for upstream in config.models
    )
    return tuple(Guarded(model, reactor, breaks) for model in models)


def make_answering(
    config: Config,
    reactor: Any,  # noqa: ANN401
    stores: Stores,
    models: Fallback,
    writer: Writer,
    claimed: Callable[[AnswerId, str], None],
) -> Answering:
    """Running jobs; ``claimed`` hears of each and of the node that wants its text."""
    return Answering(
        config.node,
        stores.jobs,
        models,
        writer,
        Composer(models, reactor),
        Remembering(stores.drafts, models, writer, config.remembered_tokens),
        claimed,
    )
