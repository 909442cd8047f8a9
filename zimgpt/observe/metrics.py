"""What a node tells of itself, in the text that Prometheus reads.

Each metric brings the way to read it; it is asked at every scrape and not before. One
that cannot be read, because the database is away say, is left out, and the rest told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from inspect import isawaitable
from typing import Final, Generic, Literal, TypeAlias, TypeVar

import attrs
from prometheus_client import ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.core import (
    Metric as Family,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from zimgpt.domain.histograms import Histogram

log = Logger()

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
PATIENCE: Final = 2.0
"""Seconds for one metric to be read."""

Reading: TypeAlias = float | Histogram | Mapping[str, float]
"""A number, a spread, or a number for each value of the metric's label."""

Source = TypeVar("Source")
Labelled: TypeAlias = GaugeMetricFamily | CounterMetricFamily
Kinds: TypeAlias = Mapping[str, Callable[..., Labelled]]


@attrs.frozen
class Metric:
    """One thing that is told; a counter's name ends in ``_total``."""

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    what: str
    """What it counts or measures, in a sentence."""
    read: Callable[[], Reading | Awaitable[Reading]] = attrs.field(repr=False)
    label: str = ""


@attrs.frozen
class Measure(Generic[Source]):
    """A metric as a table has it, before there is what it is read of."""

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    what: str
    read: Callable[[Source], Reading] = attrs.field(repr=False)
    label: str = ""

    def of(self, source: Source) -> Metric:
        """The metric of this one."""
        read = partial(self.read, source)
        return Metric(self.name, self.kind, self.what, read, self.label)


async def exposition(metrics: Sequence[Metric], clock: IReactorTime) -> bytes:
    """All that can be read now, and how much could not."""
    families: list[Family] = list(ProcessCollector(registry=None).collect())
    missing = 0
    for metric in metrics:
        try:
            families.append(_family(metric, await _read(metric, clock)))
        except Exception:  # a door: one room's trouble hides no other's figures
            log.failure("{name} cannot be read", name=metric.name)
            missing += 1
    what = "Metrics that could not be read at this scrape."
    families.append(GaugeMetricFamily("zimgpt_metrics_missing", what, missing))
    return generate_latest(_Once(families))


async def _read(metric: Metric, clock: IReactorTime) -> Reading:
    reading = metric.read()
    if not isawaitable(reading):
        return reading

    async def wait() -> Reading:
        return await reading

    return await Deferred.fromCoroutine(wait()).addTimeout(PATIENCE, clock)


def _family(metric: Metric, reading: Reading) -> Family:
    if isinstance(reading, Histogram):
        spread = HistogramMetricFamily(metric.name, metric.what)
        spread.add_metric([], reading.cumulated(), reading.sum)
        return spread
    kinds: Kinds = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily}
    labels = [metric.label] if metric.label else None
    family = kinds[metric.kind](metric.name, metric.what, labels=labels)
    if isinstance(reading, Mapping):
        for value, number in reading.items():
            family.add_metric([value], number)
    else:
        family.add_metric([], reading)
    return family


@attrs.frozen
class _Once(Collector):
    """What was read, as the library's writer wants it."""

    _families: Sequence[Family]

    def collect(self) -> Iterable[Family]:
        """As it was read."""
        return self._families
