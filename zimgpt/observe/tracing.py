"""Traces for OpenTelemetry; imported only where they are configured.

The trace's id is the answer's own, and the ids of its outer spans are made of it, so
that web, worker and model find each other's without a word between them.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from random import getrandbits
from uuid import UUID

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from zimgpt.flows.tracing import Step, Told

TIMEOUT = 5.0
"""Seconds for the collector to take a batch; one that does not loses it."""
NANO = 1_000_000_000


class _Ids(IdGenerator):
    """The ids that the next span is to have."""

    trace = 0
    span = 0

    def generate_trace_id(self) -> int:
        """The answer's."""
        return self.trace

    def generate_span_id(self) -> int:
        """One that others can work out, or a random one."""
        return self.span or getrandbits(64)


class OpenTelemetry:
    """``tracing.Traces``; ``now`` is the time of day in nanoseconds."""

    def __init__(
        self, exporter: SpanExporter, node: str, now: Callable[[], int]
    ) -> None:
        self._ids = _Ids()
        self._now = now
        self._provider = TracerProvider(
            resource=Resource({"service.name": "zimgpt", "service.instance.id": node}),
            id_generator=self._ids,
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("zimgpt")

    def tell(self, told: Told) -> None:
        """Makes a span of it, and leaves its sending to a thread."""
        end = self._now()
        self._ids.trace = UUID(told.answer).int
        self._ids.span = 0 if told.step is Step.MODEL else _span(told.step, told)
        span = self._tracer.start_span(
            str(told.step),
            context=self._parent(told),
            start_time=end - int(told.seconds * NANO),
            attributes={"answer": told.answer, "attempt": told.attempt, **told.values},
        )
        if told.trouble:
            span.set_status(Status(StatusCode.ERROR, told.trouble))
        span.end(end)

    def close(self) -> None:
        """Sends what is left, and ends the thread; waits for that."""
        self._provider.shutdown()

    def _parent(self, told: Told) -> Context | None:
        """Where the step around this one is, or will be, in whichever process."""
        if told.step is Step.ASK:
            return None
        outer = Step.ASK if told.step is Step.JOB else Step.JOB
        place = SpanContext(
            trace_id=self._ids.trace,
            span_id=_span(outer, told),
            is_remote=True,
            trace_flags=TraceFlags(TraceFlags.SAMPLED),
        )
        return set_span_in_context(NonRecordingSpan(place))


def over_http(url: str, node: str, now: Callable[[], int]) -> OpenTelemetry:
    """To a collector that speaks OTLP over HTTP, such as http://127.0.0.1:4318."""
    exporter = OTLPSpanExporter(f"{url}/v1/traces", timeout=TIMEOUT)
    return OpenTelemetry(exporter, node, now)


def _span(step: Step, told: Told) -> int:
    attempt = 0 if step is Step.ASK else told.attempt
    digest = sha256(f"{told.answer} {step} {attempt}".encode()).digest()
    return int.from_bytes(digest[:8]) or 1
